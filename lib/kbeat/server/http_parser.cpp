// Bytes into requests, by the parser of Boost.Beast.
#include "kbeat/server/http_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

namespace kbeat::server {
namespace http = boost::beast::http;

struct HttpParser::State {
  http::request_parser<http::string_body> parser;
};

namespace {

BadRequest fault_of(const boost::system::error_code& failure) {
  if (failure == http::error::body_limit) return {413, "the body is larger than this server takes"};
  if (failure == http::error::header_limit) return {431, "the header is larger than this server takes"};
  if (failure == http::error::bad_version) return {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  return {400, "this is no well-formed HTTP request"};
}

}  // namespace

HttpParser::HttpParser(const ParserLimits& limits) : m_limits(limits), m_state(std::make_unique<State>()) {
  m_state->parser.eager(true);
  m_state->parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  m_state->parser.body_limit(limits.body_bytes);
}

HttpParser::~HttpParser() = default;

/// What the library lets pass although it is a way to smuggle requests, or to cost memory.
bool HttpParser::header_is_sound(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  const std::string_view head = bytes.substr(0, end);
  std::size_t lines = 0;
  for (std::size_t at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at + 1)) {
    ++lines;
    const char next = at + 1 < head.size() ? head[at + 1] : '\0';
    if (at == 0 || head[at - 1] != '\r') fail(400, "header lines end with CR and LF");
    if (next == ' ' || next == '\t') fail(400, "header lines must not be folded");
  }
  if (head.size() > m_limits.header_bytes) fail(431, "the header is larger than this server takes");
  if (lines > m_limits.headers) fail(431, "there are more header lines than this server takes");
  return end != std::string_view::npos && !m_fault;
}

/// One body has one length, known in one way (RFC 9112, 6.3). What the library takes for no body, such as an
/// encoding that does not end with chunks, would be read as the next request.
void HttpParser::check_length() {
  const auto& message = m_state->parser.get();
  if (message.count(http::field::content_length) > 1)
    return fail(400, "a request has one Content-Length at most");
  const std::string_view length = message[http::field::content_length];
  if (length.find(',') != std::string_view::npos) return fail(400, "Content-Length is one number");
  const std::size_t encodings = message.count(http::field::transfer_encoding);
  if (encodings == 0) return;
  if (message.version() < 11) return fail(400, "HTTP/1.0 knows no Transfer-Encoding");
  if (message.count(http::field::content_length) > 0)
    return fail(400, "a request has a Content-Length or a Transfer-Encoding, not both");
  if (encodings > 1 || lower_case(message[http::field::transfer_encoding]) != "chunked")
    fail(501, "the only Transfer-Encoding that is understood here is chunked");
}

std::size_t HttpParser::feed(std::string_view bytes) {
  if (m_fault || bytes.empty() || done()) return 0;
  if (!has_header() && !header_is_sound(bytes)) return 0;
  boost::system::error_code failure;
  std::size_t used = 0;
  while (used < bytes.size() && !m_state->parser.is_done()) {
    const std::size_t taken =
        m_state->parser.put(boost::asio::buffer(bytes.data() + used, bytes.size() - used), failure);
    used += taken;
    if (has_header() && !std::exchange(m_length_checked, true)) check_length();
    if (m_fault) return used;
    if (failure == http::error::need_more) break;
    if (failure) {
      m_fault = fault_of(failure);
      return used;
    }
    if (taken == 0) break;
  }
  return used;
}

bool HttpParser::has_header() const {
  return m_state->parser.is_header_done();
}

bool HttpParser::done() const {
  return m_state->parser.is_done();
}

bool HttpParser::expects_continue() const {
  if (!has_header() || done()) return false;
  const auto found = m_state->parser.get().find(http::field::expect);
  return found != m_state->parser.get().end() && lower_case(found->value()) == "100-continue";
}

HttpRequest HttpParser::head() {
  const auto& message = m_state->parser.get();
  HttpRequest request{.method = std::string(message.method_string()),
                      .path = {},
                      .query = {},
                      .headers = {},
                      .body = {},
                      .peer = {},
                      .keep_alive = message.keep_alive()};
  for (const auto& field : message)
    request.headers.emplace_back(lower_case(field.name_string()), std::string(field.value()));
  if (!parse_target(message.target(), request.path, request.query))
    fail(400, "the request target is no path with a query");
  const std::string_view target = message.target();
  request.raw_path = target.substr(0, target.find_first_of("?#"));
  return request;
}

std::string HttpParser::take_body() {
  return std::move(m_state->parser.get().body());
}

}  // namespace kbeat::server
