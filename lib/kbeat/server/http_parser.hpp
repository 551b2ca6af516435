// Bytes into requests, within limits.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "kbeat/server/http_message.hpp"

namespace kbeat::server {

struct ParserLimits {
  std::size_t header_bytes = 16u << 10;
  std::size_t headers = 100;
  std::size_t body_bytes = 1u << 20;
};

/// What a message that cannot be served is answered with; the connection ends after it.
struct BadRequest {
  int status = 400;
  std::string_view detail;
};

/// Reads one request. Strict where looseness lets two servers see different requests: no folded headers, no
/// bare line feeds, no two lengths, no length beside chunks, no encoding but chunks.
class HttpParser {
 public:
  explicit HttpParser(const ParserLimits& limits);
  HttpParser(const HttpParser&) = delete;
  HttpParser& operator=(const HttpParser&) = delete;
  ~HttpParser();

  /// Takes bytes and returns how many; the rest is to be given again, with more behind it.
  [[nodiscard]] std::size_t feed(std::string_view bytes);

  /// Set once the message turned out to be bad; nothing is taken after that.
  [[nodiscard]] const std::optional<BadRequest>& fault() const { return m_fault; }
  [[nodiscard]] bool has_header() const;
  [[nodiscard]] bool done() const;
  /// The client waits for a 100 before it sends the body.
  [[nodiscard]] bool expects_continue() const;

  /// The request without its body, once the header is there. A target that is none is a fault.
  [[nodiscard]] HttpRequest head();
  /// Once done; the parser is of no more use.
  [[nodiscard]] std::string take_body();

 private:
  struct State;
  [[nodiscard]] bool header_is_sound(std::string_view bytes);
  void check_length();
  void fail(int status, std::string_view detail) { m_fault = BadRequest{status, detail}; }

  ParserLimits m_limits;
  std::optional<BadRequest> m_fault;
  std::unique_ptr<State> m_state;
  bool m_length_checked = false;
};

}  // namespace kbeat::server
