// Targets, problems and the wire form of responses.
#include "kbeat/server/http_message.hpp"

#include <catch2/catch.hpp>

using namespace kbeat::server;

TEST_CASE("a broken escape or a NUL in a path is no target", "[server][http]") {
  for (const char* const target : {"/a%2", "/a%zz", "/a%00b", "http://h/", "", "*"}) {
    std::string path;
    Fields query;
    INFO(target);
    CHECK_FALSE(parse_target(target, path, query));
  }
}

TEST_CASE("a problem is JSON whatever its detail holds", "[server][http]") {
  const HttpResponse response = problem(404, "no \"x\"\n\xff");
  CHECK(response.type == "application/problem+json");
  CHECK(response.body ==
        "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"detail\":\"no "
        "\\\"x\\\"\\n\xEF\xBF\xBD\"}\n");
  CHECK(*find_field(problem_for_now(429, "slow", 3).headers, "Retry-After") == "3");
}

TEST_CASE("what another process locks may be asked for later, what exists may not", "[server][http]") {
  using kbeat::Error, kbeat::ErrorCode, kbeat::Retryable;
  const HttpResponse locked = problem_of(Error(ErrorCode::busy, "locked", Retryable::yes));
  CHECK(locked.status == 503);
  CHECK(find_field(locked.headers, "Retry-After") != nullptr);
  CHECK(problem_of(Error(ErrorCode::busy, "topic t exists already")).status == 409);
}

TEST_CASE("HEAD gets the length without the body, 204 neither", "[server][http]") {
  const std::string head = to_wire({.body = "hello"}, AfterResponse::keep_alive, true);
  CHECK(head.find("Content-Length: 5\r\n") != std::string::npos);
  CHECK(head.ends_with("\r\n\r\n"));
  const std::string none = to_wire({.status = 204}, AfterResponse::close, false);
  CHECK(none.find("Content-Length") == std::string::npos);
  CHECK(none.find("Connection: close\r\n") != std::string::npos);
}
