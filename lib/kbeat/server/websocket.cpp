// The WebSocket protocol (RFC 6455) as values: the handshake, frames out, messages in.
#include "kbeat/server/websocket.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "kbeat/base/base64.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::server {
namespace {

constexpr std::string_view k_handshake_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t k_longest_control = 125;
constexpr std::size_t k_mask_bytes = 4;
constexpr std::size_t k_most_empty_fragments = 1000;

/// Whether a header's comma list has the word, in any case.
bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    std::string_view part = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), part.size() + 1));
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    const bool same = part.size() == word.size() &&
                      std::equal(part.begin(), part.end(), word.begin(),
                                 [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
    if (same) return true;
  }
  return false;
}

bool is_control(Opcode opcode) {
  return static_cast<std::uint8_t>(opcode) >= 8;
}

bool is_known(Opcode opcode) {
  const auto value = static_cast<std::uint8_t>(opcode);
  return value <= 2 || (value >= 8 && value <= 10);
}

std::uint64_t read_number(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<std::uint8_t>(byte);
  return number;
}

void unmask(std::string& payload, std::string_view mask) {
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(payload[i] ^ mask[i % k_mask_bytes]);
}

}  // namespace

std::string accept_key(std::string_view key) {
  std::string text(key);
  text += k_handshake_guid;
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::string accept;
  append_base64(accept, {reinterpret_cast<const char*>(digest.data()), digest.size()});
  return accept;
}

std::optional<HttpResponse> refuse_handshake(const HttpRequest& request) {
  if (!has_word(request.header("upgrade"), "websocket") ||
      !has_word(request.header("connection"), "upgrade")) {
    HttpResponse response = problem(426, "this is a WebSocket: ask for an upgrade, or for text/event-stream");
    response.headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}};
    return response;
  }
  if (request.header("sec-websocket-version") != "13") {
    HttpResponse response = problem(426, "version 13 of the WebSocket protocol is spoken here");
    response.headers = {{"Sec-WebSocket-Version", "13"}};
    return response;
  }
  const auto nonce = decode_base64(request.header("sec-websocket-key"));
  if (!nonce || nonce->size() != 16) return problem(400, "Sec-WebSocket-Key must be 16 bytes in base64");
  return std::nullopt;
}

std::string frame(Opcode opcode, std::string_view payload) {
  std::string bytes;
  bytes.reserve(payload.size() + 10);
  bytes += static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode));
  const auto add_length = [&](char marker, int width) {
    bytes += marker;
    for (int shift = (width - 1) * 8; shift >= 0; shift -= 8)
      bytes += static_cast<char>(std::uint64_t{payload.size()} >> shift);
  };
  if (payload.size() <= k_longest_control) {
    bytes += static_cast<char>(payload.size());
  } else if (payload.size() <= 0xFFFF) {
    add_length(126, 2);
  } else {
    add_length(127, 8);
  }
  bytes += payload;
  return bytes;
}

std::string close_frame(std::uint16_t code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  payload += clean_utf8(reason, k_longest_control - 2);
  return frame(Opcode::close, payload);
}

std::variant<std::uint16_t, WebSocketFault> read_close(std::string_view payload) {
  if (payload.empty()) return std::uint16_t{1005};
  if (payload.size() == 1) return WebSocketFault{k_close_protocol_error, "a close code has two bytes"};
  const auto code = static_cast<std::uint16_t>(read_number(payload.substr(0, 2)));
  const bool of_protocol = code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
  if (!of_protocol && !(code >= 3000 && code <= 4999))
    return WebSocketFault{k_close_protocol_error, "this close code must not be sent"};
  if (!is_utf8(payload.substr(2))) return WebSocketFault{k_close_not_utf8, "the reason is not UTF-8"};
  return code;
}

void WebSocketReader::append(std::string_view bytes) {
  m_in.erase(0, m_used);
  m_used = 0;
  m_in += bytes;
}

/// `header.size` stays 0 while bytes are missing.
std::optional<WebSocketFault> WebSocketReader::read_header(std::string_view bytes, Header& header) const {
  if (bytes.size() < 2) return std::nullopt;
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  const auto second = static_cast<std::uint8_t>(bytes[1]);
  header.final = (first & 0x80) != 0;
  header.opcode = static_cast<Opcode>(first & 0x0F);
  if ((first & 0x70) != 0) return WebSocketFault{k_close_protocol_error, "no extension was agreed on"};
  if ((second & 0x80) == 0) return WebSocketFault{k_close_protocol_error, "a client's frames are masked"};
  const std::size_t short_length = second & 0x7F;
  const std::size_t width = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
  header.length = short_length;
  if (width > 0 && bytes.size() < 2 + width) return check_header(header);
  if (width > 0) header.length = read_number(bytes.substr(2, width));
  header.size = 2 + width + k_mask_bytes;
  return check_header(header);
}

std::optional<WebSocketFault> WebSocketReader::check_header(const Header& header) const {
  if (!is_known(header.opcode)) return WebSocketFault{k_close_protocol_error, "this opcode has no meaning"};
  if (is_control(header.opcode)) {
    if (!header.final) return WebSocketFault{k_close_protocol_error, "control frames are not fragmented"};
    if (header.length > k_longest_control)
      return WebSocketFault{k_close_protocol_error, "control frames have at most 125 bytes"};
    return std::nullopt;
  }
  if (m_in_message != (header.opcode == Opcode::continuation))
    return WebSocketFault{k_close_protocol_error, "fragments of messages are mixed up"};
  if (header.length > m_longest - std::min(m_message.size(), m_longest))
    return WebSocketFault{k_close_too_big, "the message is longer than this server takes"};
  return std::nullopt;
}

std::optional<WebSocketFault> WebSocketReader::take(const Header& header, std::string payload,
                                                    std::optional<WebSocketMessage>& whole) {
  if (is_control(header.opcode)) {
    whole = WebSocketMessage{header.opcode, std::move(payload)};
    return std::nullopt;
  }
  if (header.opcode != Opcode::continuation) m_opcode = header.opcode;
  if (payload.empty() && !header.final && ++m_empty_fragments > k_most_empty_fragments)
    return WebSocketFault{k_close_policy, "too many empty fragments"};
  m_message += payload;
  m_in_message = !header.final;
  if (m_in_message) return std::nullopt;
  m_empty_fragments = 0;
  if (m_opcode == Opcode::text && !is_utf8(m_message))
    return WebSocketFault{k_close_not_utf8, "the text is not UTF-8"};
  whole = WebSocketMessage{m_opcode, std::move(m_message)};
  m_message.clear();
  return std::nullopt;
}

std::variant<NeedMore, WebSocketMessage, WebSocketFault> WebSocketReader::next() {
  while (true) {
    const std::string_view rest = std::string_view(m_in).substr(m_used);
    Header header;
    if (const auto fault = read_header(rest, header)) return *fault;
    if (header.size == 0 || rest.size() < header.size || rest.size() - header.size < header.length)
      return NeedMore{};
    std::string payload(rest.substr(header.size, static_cast<std::size_t>(header.length)));
    unmask(payload, rest.substr(header.size - k_mask_bytes, k_mask_bytes));
    m_used += header.size + payload.size();
    std::optional<WebSocketMessage> whole;
    if (const auto fault = take(header, std::move(payload), whole)) return *fault;
    if (whole) return std::move(*whole);
  }
}

}  // namespace kbeat::server
