// The WebSocket protocol (RFC 6455) as values: the handshake, frames out, messages in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "kbeat/server/http_message.hpp"

namespace kbeat::server {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Close codes that we send.
inline constexpr std::uint16_t k_close_going_away = 1001;
inline constexpr std::uint16_t k_close_protocol_error = 1002;
inline constexpr std::uint16_t k_close_not_utf8 = 1007;
inline constexpr std::uint16_t k_close_policy = 1008;
inline constexpr std::uint16_t k_close_too_big = 1009;
inline constexpr std::uint16_t k_close_try_again = 1013;

/// The answer to the client's Sec-WebSocket-Key.
[[nodiscard]] std::string accept_key(std::string_view key);

/// Why the request is no handshake that can be accepted, or nothing.
[[nodiscard]] std::optional<HttpResponse> refuse_handshake(const HttpRequest& request);

/// One whole frame, not masked, as a server sends it.
[[nodiscard]] std::string frame(Opcode opcode, std::string_view payload);
[[nodiscard]] std::string close_frame(std::uint16_t code, std::string_view reason);

/// A whole message, or a control frame.
struct WebSocketMessage {
  Opcode opcode = Opcode::text;
  std::string payload;
};

/// The peer broke the protocol: to be closed with this code.
struct WebSocketFault {
  std::uint16_t code = k_close_protocol_error;
  std::string_view reason;
};

struct NeedMore {};

/// Reads a client's frames. Memory grows with what has arrived, never with what a header announces.
class WebSocketReader {
 public:
  explicit WebSocketReader(std::size_t longest_message) : m_longest(longest_message) {}

  void append(std::string_view bytes);
  /// The next message; after a fault nothing more is to be asked.
  [[nodiscard]] std::variant<NeedMore, WebSocketMessage, WebSocketFault> next();

 private:
  struct Header {
    bool final = false;
    Opcode opcode = Opcode::text;
    std::uint64_t length = 0;
    std::size_t size = 0;  ///< of the header itself
  };

  [[nodiscard]] std::optional<WebSocketFault> read_header(std::string_view bytes, Header& header) const;
  [[nodiscard]] std::optional<WebSocketFault> check_header(const Header& header) const;
  [[nodiscard]] std::optional<WebSocketFault> take(const Header& header, std::string payload,
                                                   std::optional<WebSocketMessage>& whole);

  std::size_t m_longest;
  std::string m_in;
  std::size_t m_used = 0;  ///< bytes of m_in that are read
  std::string m_message;   ///< fragments so far
  Opcode m_opcode = Opcode::text;
  bool m_in_message = false;
  std::size_t m_empty_fragments = 0;  ///< of the message so far
};

/// The close code of a close frame's payload: 1005 for an empty one. A fault when it may not be sent.
[[nodiscard]] std::variant<std::uint16_t, WebSocketFault> read_close(std::string_view payload);

}  // namespace kbeat::server
