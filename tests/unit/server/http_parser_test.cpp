// Requests out of bytes, and what is refused.
#include "kbeat/server/http_parser.hpp"

#include <catch2/catch.hpp>

using namespace kbeat::server;

namespace {

int status_of(std::string_view bytes, const ParserLimits& limits = {}) {
  HttpParser parser(limits);
  std::string rest(bytes);
  rest.erase(0, parser.feed(rest));
  if (parser.fault()) return parser.fault()->status;
  return parser.done() ? 200 : 100;
}

}  // namespace

TEST_CASE("a request comes out whole, whatever pieces it came in", "[server][http]") {
  const std::string bytes =
      "POST /a%20b/c?x=1&y=a+b%26&x=2 HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\n"
      "Content-Length: 5\r\n\r\nhello";
  for (const std::size_t step : {std::size_t{1}, bytes.size()}) {
    HttpParser parser({});
    std::string waiting;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      waiting += bytes.substr(at, step);
      waiting.erase(0, parser.feed(waiting));
    }
    REQUIRE(parser.done());
    HttpRequest request = parser.head();
    request.body = parser.take_body();
    CHECK(request.method == "POST");
    CHECK(request.path == "/a b/c");
    CHECK(request.parameter("x") == "1");
    CHECK(request.parameter("y") == "a b&");
    CHECK(request.header("content-type") == "text/plain");
    CHECK(request.body == "hello");
    CHECK(request.keep_alive);
  }
}

TEST_CASE("a second request in the same bytes stays for its own turn", "[server][http]") {
  const std::string one = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  HttpParser parser({});
  CHECK(parser.feed(one + one) == one.size());
  CHECK(parser.done());
}

TEST_CASE("a chunked body is put together", "[server][http]") {
  HttpParser parser({});
  const std::string bytes =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  CHECK(parser.feed(bytes) == bytes.size());
  REQUIRE(parser.done());
  CHECK(parser.take_body() == "abcde");
}

TEST_CASE("what two servers could read differently is refused", "[server][http]") {
  CHECK(status_of("GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n") == 400);
  CHECK(status_of("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab") == 400);
  CHECK(status_of("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") ==
        400);
  CHECK(status_of("GET / HTTP/1.1\nHost: h\n\nGET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(status_of("GET / HTTP/1.1\r\nHost : h\r\n\r\n") == 400);
  CHECK(status_of("GET / HTTP/2.0\r\n\r\n") == 505);
  CHECK(status_of("nonsense\r\n\r\n") == 400);
}

TEST_CASE("a body's length is known in one way only", "[server][http]") {
  const auto posted = [](std::string_view headers, std::string_view version = "1.1") {
    return status_of("POST / HTTP/" + std::string(version) + "\r\nHost: h\r\n" + std::string(headers) +
                     "\r\n0\r\n\r\n");
  };
  CHECK(posted("Transfer-Encoding: chunked\r\n") == 200);
  CHECK(posted("Transfer-Encoding: Chunked \r\n") == 200);
  for (const char* encoding : {"xchunked", "identity", "gzip, chunked", "chunked, identity", "chunked,", ""})
    CHECK(posted("Transfer-Encoding: " + std::string(encoding) + "\r\n") / 100 != 2);
  CHECK(posted("Transfer-Encoding: identity\r\n") == 501);
  CHECK(posted("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n") == 501);
  CHECK(posted("Transfer-Encoding: chunked\r\n", "1.0") == 400);
  CHECK(posted("Content-Length: 5\r\nContent-Length: 5\r\n") == 400);
  CHECK(posted("Content-Length: 5, 5\r\n") == 400);
  CHECK(posted("Content-Length: 5\r\nTransfer-Encoding: identity\r\n") == 400);
}

TEST_CASE("headers and bodies have limits that hold before they are there", "[server][http]") {
  const ParserLimits limits{.header_bytes = 1000, .headers = 10, .body_bytes = 100};
  CHECK(status_of("GET / HTTP/1.1\r\nX: " + std::string(2000, 'x'), limits) == 431);
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 20; ++i) many += "A: b\r\n";
  CHECK(status_of(many + "\r\n", limits) == 431);
  CHECK(status_of("POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n", limits) == 413);
  CHECK(status_of("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n" + std::string(4095, 'x'),
                  limits) == 413);
  CHECK(status_of("POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n", limits) == 100);
}

TEST_CASE("a client that waits for a 100 is known", "[server][http]") {
  HttpParser parser({});
  static_cast<void>(parser.feed("POST / HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"));
  CHECK(parser.expects_continue());
}
