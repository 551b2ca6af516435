// The client behind webhooks and registries: any status is an answer, the guards are those of a download.
#include "kbeat/net/http_client.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/clock.hpp"
#include "support/http_server.hpp"

using namespace kbeat;
using namespace kbeat::net;
using namespace std::chrono_literals;
using test::HttpServer;

namespace {

HttpResult call(const std::string& url, HttpClientPolicy policy = {.private_addresses = Allowed::yes}) {
  const auto client = open_http_client(policy);
  return client->call({.method = "POST",
                       .url = url,
                       .headers = {"X-One: 1"},
                       .body = "hello",
                       .deadline = SystemClock().steady() + 2s,
                       .stop = {}});
}

ErrorCode code_of(const HttpResult& result) {
  REQUIRE(std::holds_alternative<FetchFailure>(result));
  return std::get<FetchFailure>(result).error.code();
}

}  // namespace

TEST_CASE("a call sends method and headers and takes any status for an answer", "[net]") {
  HttpServer server;
  std::string head;
  server.on("/hook", [&head](test::HttpPeer& peer) {
    head = peer.head();
    peer.send("HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nwait");
  });
  const HttpResult result = call(server.url("/hook"));
  const auto& answer = std::get<HttpAnswer>(result);
  CHECK(answer.status == 429);
  CHECK(answer.body == "wait");
  CHECK(answer.retry_after == Milliseconds{7s});
  CHECK_THAT(head, Catch::StartsWith("POST /hook HTTP/1.1") && Catch::Contains("X-One: 1") &&
                       Catch::Contains("Content-Length: 5") && !Catch::Contains("Expect"));
}

TEST_CASE("a call does not follow a redirect, reach a private address or read without end", "[net]") {
  HttpServer server;
  server.on("/away", test::http_status(302, "Location: /hook"));
  server.on("/hook", test::http_ok("there"));
  const HttpResult away = call(server.url("/away"));
  CHECK(std::get<HttpAnswer>(away).status == 302);
  CHECK(code_of(call(server.url("/hook"), {})) == ErrorCode::bad_input);
  CHECK(code_of(call(server.url("/hook"), {.private_addresses = Allowed::yes, .max_answer = 3})) ==
        ErrorCode::too_large);
}

TEST_CASE("a call may take the status of an answer whose body is too long", "[net]") {
  HttpServer server;
  server.on("/told", "HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\n123456789");
  server.on("/untold", [](test::HttpPeer& peer) {
    peer.send("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\n\r\n12345");
    peer.send("6789");
  });
  const auto client = open_http_client({.private_addresses = Allowed::yes, .max_answer = 3});
  for (const auto& [path, status] : {std::pair{"/told", 201L}, std::pair{"/untold", 503L}}) {
    HttpCall call;
    call.url = server.url(path);
    call.deadline = SystemClock().steady() + 2s;
    CHECK(code_of(client->call(call)) == ErrorCode::too_large);
    call.long_answer = LongAnswer::cut;
    const HttpResult result = client->call(call);
    const auto& answer = std::get<HttpAnswer>(result);
    CHECK(answer.status == status);
    CHECK(answer.body == "123");
  }
}

TEST_CASE("a server that does not answer in time is a time-out", "[net]") {
  HttpServer server;
  server.on("/slow", [](test::HttpPeer& peer) { peer.stall(10s); });
  const auto client = open_http_client({.private_addresses = Allowed::yes});
  HttpCall slow;
  slow.url = server.url("/slow");
  slow.deadline = SystemClock().steady() + 100ms;
  CHECK(code_of(client->call(slow)) == ErrorCode::timed_out);
}
