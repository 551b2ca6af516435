// Frames and handshakes of the WebSocket protocol.
#include "kbeat/server/websocket.hpp"

#include <catch2/catch.hpp>

using namespace kbeat::server;

namespace {

constexpr std::string_view k_mask = "\x11\x22\x33\x44";

/// A client's frame: masked, `head` being its first byte.
std::string client_frame(unsigned head, std::string_view payload) {
  std::string bytes = frame(Opcode::text, payload);
  const std::size_t header = bytes.size() - payload.size();
  bytes[0] = static_cast<char>(head);
  bytes[1] = static_cast<char>(bytes[1] | static_cast<char>(0x80));
  for (std::size_t i = 0; i < payload.size(); ++i)
    bytes[header + i] = static_cast<char>(bytes[header + i] ^ k_mask[i % 4]);
  return bytes.insert(header, k_mask);
}

std::uint16_t fault_of(std::string_view bytes, std::size_t longest = 1000) {
  WebSocketReader reader(longest);
  reader.append(bytes);
  auto next = reader.next();
  while (std::holds_alternative<WebSocketMessage>(next)) next = reader.next();
  const auto* fault = std::get_if<WebSocketFault>(&next);
  return fault == nullptr ? std::uint16_t{0} : fault->code;
}

}  // namespace

TEST_CASE("the accept key is that of RFC 6455's example", "[server][websocket]") {
  CHECK(accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("a length takes the shortest form that holds it", "[server][websocket]") {
  CHECK(frame(Opcode::text, "hi") == "\x81\x02hi");
  CHECK(frame(Opcode::ping, {}) == std::string("\x89\0", 2));
  CHECK(frame(Opcode::binary, std::string(126, 'x')).substr(0, 4) == std::string("\x82\x7e\0\x7e", 4));
  CHECK(frame(Opcode::text, std::string(65536, 'x')).substr(0, 10) ==
        std::string("\x81\x7f\0\0\0\0\0\x01\0\0", 10));
  CHECK(close_frame(1001, "bye") ==
        "\x88\x05\x03\xe9"
        "bye");
}

TEST_CASE("a message is whole however its bytes and fragments are cut", "[server][websocket]") {
  const std::string bytes =
      client_frame(0x01, "hel") + client_frame(0x89, "now") + client_frame(0x80, std::string(300, 'o'));
  for (std::size_t step : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
    WebSocketReader reader(1000);
    std::vector<WebSocketMessage> messages;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      reader.append(std::string_view(bytes).substr(at, step));
      for (auto next = reader.next(); auto* message = std::get_if<WebSocketMessage>(&next);
           next = reader.next())
        messages.push_back(*message);
    }
    REQUIRE(messages.size() == 2);
    CHECK(messages[0].opcode == Opcode::ping);
    CHECK(messages[0].payload == "now");
    CHECK(messages[1].opcode == Opcode::text);
    CHECK(messages[1].payload == "hel" + std::string(300, 'o'));
  }
}

TEST_CASE("what breaks the protocol is told by the close code", "[server][websocket]") {
  CHECK(fault_of(frame(Opcode::text, "unmasked")) == 1002);
  CHECK(fault_of(client_frame(0xC1, "rsv1")) == 1002);
  CHECK(fault_of(client_frame(0x83, "reserved opcode")) == 1002);
  CHECK(fault_of(client_frame(0x09, "fragmented ping")) == 1002);
  CHECK(fault_of(client_frame(0x89, std::string(126, 'x'))) == 1002);
  CHECK(fault_of(client_frame(0x80, "nothing to continue")) == 1002);
  CHECK(fault_of(client_frame(0x01, "a") + client_frame(0x81, "b")) == 1002);
  CHECK(fault_of(client_frame(0x81, "\xC0\xAF")) == 1007);
  CHECK(fault_of(client_frame(0x81, "fine")) == 0);
}

TEST_CASE("a message is refused by its announced length before it is there", "[server][websocket]") {
  CHECK(fault_of(client_frame(0x81, std::string(1001, 'x')).substr(0, 8)) == 1009);
  CHECK(fault_of(std::string("\x82\xff\x80\0\0\0\0\0\0\0\1\2\3\4", 14)) == 1009);
  CHECK(fault_of(client_frame(0x01, std::string(600, 'x')) + client_frame(0x80, std::string(600, 'x'))) ==
        1009);
}

TEST_CASE("fragments without a byte are taken only so often", "[server][websocket]") {
  std::string bytes = client_frame(0x01, "a");
  for (int i = 0; i < 900; ++i) bytes += client_frame(0x00, "");
  CHECK(fault_of(bytes + client_frame(0x80, "b")) == 0);
  for (int i = 0; i < 200; ++i) bytes += client_frame(0x00, "");
  CHECK(fault_of(bytes) == 1008);
}

TEST_CASE("a close frame has a code that may be sent, or none", "[server][websocket]") {
  const auto code = [](std::string_view payload) {
    const auto read = read_close(payload);
    const auto* fault = std::get_if<WebSocketFault>(&read);
    return fault != nullptr ? -static_cast<int>(fault->code) : int{std::get<std::uint16_t>(read)};
  };
  CHECK(code("") == 1005);
  CHECK(code("\x03\xe8"
             "bye") == 1000);
  CHECK(code("\x0b\xb8") == 3000);
  CHECK(code("\x03") == -1002);
  CHECK(code("\x03\xed") == -1002);  // 1005 is never sent
  CHECK(code("\x03\xe8\xff") == -1007);
}

TEST_CASE("a handshake needs upgrade, version and key", "[server][websocket]") {
  HttpRequest request{.method = "GET", .path = "/", .query = {}, .headers = {}, .body = {}, .peer = {}};
  CHECK(refuse_handshake(request)->status == 426);
  request.headers = {{"upgrade", "WebSocket"},
                     {"connection", "keep-alive, Upgrade"},
                     {"sec-websocket-version", "8"},
                     {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  CHECK(refuse_handshake(request)->status == 426);
  request.headers[2].second = "13";
  CHECK_FALSE(refuse_handshake(request).has_value());
  request.headers[3].second = "short";
  CHECK(refuse_handshake(request)->status == 400);
}
