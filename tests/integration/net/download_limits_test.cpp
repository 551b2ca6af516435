// What the downloader endures: servers that lie, stall, drip and never end.
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "kbeat/net/download.hpp"
#include "support/fetched.hpp"
#include "support/http_server.hpp"

using namespace kbeat;
using namespace std::chrono_literals;
using test::body_of;
using test::failure_of;
using test::http_ok;
using test::http_status;

namespace {

constexpr std::uint64_t k_cap = 100'000;

std::unique_ptr<net::Downloader> open_small() {
  return net::open_downloader({.private_addresses = net::Allowed::yes,
                               .limits = {.max_bytes = k_cap, .total = 5s, .low_speed_time = 1s}});
}

net::Fetched fetch(const std::string& url) {
  return open_small()->fetch(url, SteadyTime::max(), {});
}

void check_failure(const net::Fetched& fetched, ErrorCode code, Retryable retryable) {
  const Error& error = failure_of(fetched).error;
  INFO(error.what());
  CHECK(to_string(error.code()) == to_string(code));
  CHECK(error.retryable() == (retryable == Retryable::yes));
}

}  // namespace

TEST_CASE("a body of exactly the limit passes, one byte more does not", "[net]") {
  test::HttpServer server;
  server.on("/fits", http_ok(std::string(k_cap, 'x')));
  server.on("/over", http_ok(std::string(k_cap + 1, 'x')));
  CHECK(body_of(fetch(server.url("/fits"))).size() == k_cap);
  check_failure(fetch(server.url("/over")), ErrorCode::too_large, Retryable::no);
}

TEST_CASE("a body without a length is counted as it comes", "[net]") {
  test::HttpServer server;
  server.on("/endless", [](test::HttpPeer& peer) {
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    while (peer.send(std::string(65536, 'x'))) {
    }
  });
  server.on("/chunked", [](test::HttpPeer& peer) {
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (peer.send("10000\r\n" + std::string(65536, 'x') + "\r\n")) {
    }
  });
  check_failure(fetch(server.url("/endless")), ErrorCode::too_large, Retryable::no);
  check_failure(fetch(server.url("/chunked")), ErrorCode::too_large, Retryable::no);
}

TEST_CASE("a body shorter than its length may be whole the next time", "[net]") {
  test::HttpServer server;
  server.on("/cut", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort");
  check_failure(fetch(server.url("/cut")), ErrorCode::unreachable, Retryable::yes);
}

TEST_CASE("a body longer than its length is cut to it", "[net]") {
  test::HttpServer server;
  server.on("/long", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsound and more");
  CHECK(body_of(fetch(server.url("/long"))) == "sound");
}

TEST_CASE("an answer that is not HTTP may pass", "[net]") {
  test::HttpServer server;
  const std::string answer = GENERATE("", "sound", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nsound",
                                      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nsound");
  server.on("/odd", answer);
  INFO(answer);
  const net::Fetched fetched = fetch(server.url("/odd"));
  CHECK((failure_of(fetched).error.retryable() || failure_of(fetched).error.code() == ErrorCode::too_large));
}

TEST_CASE("a head without an end is refused", "[net]") {
  test::HttpServer server;
  server.on("/head", [](test::HttpPeer& peer) {
    peer.send("HTTP/1.1 200 OK\r\n");
    while (peer.send("X-Line: " + std::string(1000, 'x') + "\r\n")) {
    }
  });
  const Error error = failure_of(fetch(server.url("/head"))).error;
  CHECK(error.code() != ErrorCode::timed_out);
}

TEST_CASE("a compressed body is stored as it came", "[net]") {
  test::HttpServer server;
  server.on("/gzip", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nsound");
  CHECK(body_of(fetch(server.url("/gzip"))) == "sound");
}

TEST_CASE("a server that stalls or drips is a timeout", "[net]") {
  test::HttpServer server;
  server.on("/silent", [](test::HttpPeer& peer) { peer.stall(30s); });
  server.on("/drip", [](test::HttpPeer& peer) {
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while (peer.stall(200ms) && peer.send("x")) {
    }
  });
  check_failure(fetch(server.url("/silent")), ErrorCode::timed_out, Retryable::yes);
  check_failure(fetch(server.url("/drip")), ErrorCode::timed_out, Retryable::yes);
}

TEST_CASE("the caller's deadline ends a fetch before its own limits", "[net]") {
  test::HttpServer server;
  server.on("/silent", [](test::HttpPeer& peer) { peer.stall(30s); });
  const auto begun = std::chrono::steady_clock::now();
  check_failure(open_small()->fetch(server.url("/silent"), begun + 100ms, {}), ErrorCode::timed_out,
                Retryable::yes);
  CHECK(std::chrono::steady_clock::now() - begun < 900ms);
}

TEST_CASE("a request to stop ends a fetch at once", "[net]") {
  test::HttpServer server;
  std::stop_source stop;
  std::chrono::steady_clock::time_point asked;
  server.on("/silent", [&](test::HttpPeer& peer) {
    asked = std::chrono::steady_clock::now();
    stop.request_stop();
    peer.stall(30s);
  });
  const net::Fetched fetched =
      open_small()->fetch(server.url("/silent"), SteadyTime::max(), stop.get_token());
  CHECK(std::chrono::steady_clock::now() - asked < 200ms);
  check_failure(fetched, ErrorCode::interrupted, Retryable::yes);
}

TEST_CASE("final and passing statuses are told apart, and the server's wish to wait is kept", "[net]") {
  test::HttpServer server;
  server.on("/500", http_status(500));
  server.on("/401", http_status(401, "WWW-Authenticate: Basic"));
  server.on("/429", http_status(429, "Retry-After: 7"));
  server.on("/503", [](test::HttpPeer& peer) {
    peer.send("HTTP/1.1 503 Busy\r\nRetry-After: 9\r\n\r\n");
    while (peer.send(std::string(65536, 'x'))) {
    }
  });
  check_failure(fetch(server.url("/500")), ErrorCode::unreachable, Retryable::yes);
  check_failure(fetch(server.url("/401")), ErrorCode::bad_input, Retryable::no);
  CHECK(failure_of(fetch(server.url("/429"))).retry_after == 7s);
  CHECK(failure_of(fetch(server.url("/503"))).retry_after == 9s);
}

TEST_CASE("a server that is not there, or has no name, may be there later", "[net]") {
  std::string gone;
  {
    const test::HttpServer server;
    gone = server.url("/a.wav");
  }
  check_failure(fetch(gone), ErrorCode::unreachable, Retryable::yes);
  check_failure(fetch("http://no-such-host.invalid/a.wav"), ErrorCode::unreachable, Retryable::yes);
}

TEST_CASE("one downloader serves several threads", "[net]") {
  test::HttpServer server;
  server.on("/a.wav", http_ok("sound"));
  const auto downloader = open_small();
  std::vector<std::string> bodies(8);
  {
    std::vector<std::jthread> threads;
    for (std::string& body : bodies) {
      threads.emplace_back(
          [&] { body = body_of(downloader->fetch(server.url("/a.wav"), SteadyTime::max(), {})); });
    }
  }
  CHECK(bodies == std::vector<std::string>(8, "sound"));
}
