// What the downloader may reach: refused places see no connection at all.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "kbeat/net/download.hpp"
#include "support/fetched.hpp"
#include "support/http_server.hpp"

using namespace kbeat;
using test::body_of;
using test::failure_of;
using test::http_ok;
using test::http_status;

namespace {

net::Fetched fetch(const std::string& url, net::Allowed private_addresses = net::Allowed::yes) {
  const auto downloader = net::open_downloader({.private_addresses = private_addresses});
  return downloader->fetch(url, SteadyTime::max(), {});
}

void check_refused(const net::Fetched& fetched) {
  const net::FetchFailure& failure = failure_of(fetched);
  CHECK(failure.error.code() == ErrorCode::bad_input);
  CHECK_FALSE(failure.error.retryable());
}

}  // namespace

TEST_CASE("every spelling of a loopback address is refused without a connection", "[net]") {
  test::HttpServer server;
  server.on("/a.wav", http_ok("sound"));
  const std::string host = GENERATE("127.0.0.1", "127.1", "0", "2130706433", "0x7f.1", "0177.0.0.1",
                                    "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::]");
  INFO(host);
  check_refused(fetch(fmt::format("http://{}:{}/a.wav", host, server.port()), net::Allowed::no));
  CHECK(server.accepted() == 0);
}

TEST_CASE("a name with a final dot reaches loopback no more than one without", "[net]") {
  test::HttpServer server;
  (void)failure_of(fetch(fmt::format("http://localhost.:{}/a.wav", server.port()), net::Allowed::no));
  CHECK(server.accepted() == 0);
}

TEST_CASE("private and link-local addresses are refused by name of the address", "[net]") {
  const std::string address = GENERATE("10.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1");
  const net::Fetched fetched = fetch(fmt::format("http://{}/latest/meta-data", address), net::Allowed::no);
  check_refused(fetched);
  CHECK_THAT(failure_of(fetched).error.what(),
             Catch::Contains(address) && Catch::Contains("--allow-private-addresses"));
}

TEST_CASE("URLs that are no plain http are refused without a connection", "[net]") {
  test::HttpServer server;
  const std::string place = fmt::format("127.0.0.1:{}/a.wav", server.port());
  const std::string url = GENERATE_COPY(values<std::string>(
      {"gopher://" + place, "ftp://" + place, "data:audio/wav;base64,AAAA", "javascript:alert(1)",
       "//" + place, place, "", "http://", "dict://" + place, "http://" + place + "\r\nHost: x",
       "http://" + place + " x", "http://user@" + place, "http://user:secret@" + place, "http://:@" + place,
       "http:\\\\" + place, "http://" + place + std::string(9000, 'x')}));
  INFO(url.substr(0, 100));
  check_refused(fetch(url));
  CHECK(server.accepted() == 0);
}

TEST_CASE("an allowed address is fetched whole", "[net]") {
  test::HttpServer server;
  const std::string sound(300'000, 's');
  server.on("/a.wav", http_ok(sound));
  CHECK(body_of(fetch(server.url("/a.wav"))) == sound);
}

TEST_CASE("a file of no bytes is a good answer", "[net]") {
  test::HttpServer server;
  server.on("/a.wav", http_ok(""));
  CHECK(body_of(fetch(server.url("/a.wav"))).empty());
}

TEST_CASE("a request carries neither cookies nor an encoding to unpack", "[net]") {
  test::HttpServer server;
  std::string head;
  server.on("/cookie", http_status(302, "Set-Cookie: a=b\r\nLocation: /a.wav"));
  server.on("/a.wav", [&head](test::HttpPeer& peer) {
    head = peer.head();
    peer.send(http_ok("sound"));
  });
  REQUIRE(body_of(fetch(server.url("/cookie"))) == "sound");
  CHECK_THAT(head, Catch::StartsWith("GET /a.wav HTTP/1.1\r\n"));
  CHECK_THAT(head, !Catch::Contains("Cookie", Catch::CaseSensitive::No) &&
                       !Catch::Contains("Accept-Encoding", Catch::CaseSensitive::No) &&
                       !Catch::Contains("Authorization", Catch::CaseSensitive::No));
}

TEST_CASE("a proxy of the environment is not used", "[net]") {
  test::HttpServer server;
  test::HttpServer proxy;
  server.on("/a.wav", http_ok("sound"));
  setenv("http_proxy", proxy.url("").c_str(), 1);
  const net::Fetched fetched = fetch(server.url("/a.wav"));
  unsetenv("http_proxy");
  CHECK(body_of(fetched) == "sound");
  CHECK(proxy.accepted() == 0);
}

TEST_CASE("up to three redirects are followed, of any kind", "[net]") {
  test::HttpServer server;
  server.on("/1", http_status(301, "Location: /2"));
  server.on("/2", http_status(307, "Location: 3"));
  server.on("/3", http_status(308, "Location: " + server.url("/a.wav")));
  server.on("/a.wav", http_ok("sound"));
  CHECK(body_of(fetch(server.url("/1"))) == "sound");
  server.on("/0", http_status(302, "Location: /1"));
  check_refused(fetch(server.url("/0")));
}

TEST_CASE("the page that comes along with a redirect is not taken for the audio", "[net]") {
  test::HttpServer server;
  server.on("/moved",
            "HTTP/1.1 302 Found\r\nLocation: /a.wav\r\nContent-Length: 20\r\n\r\n<html>moved</html>\r\n");
  server.on("/endless", [](test::HttpPeer& peer) {
    peer.send("HTTP/1.1 302 Found\r\nLocation: /a.wav\r\n\r\n");
    while (peer.send(std::string(65'536, 'x'))) {
    }
  });
  server.on("/a.wav", http_ok("sound"));
  CHECK(body_of(fetch(server.url("/moved"))) == "sound");
  check_refused(fetch(server.url("/endless")));
}

TEST_CASE("a loop of redirects ends after the fourth request", "[net]") {
  test::HttpServer server;
  server.on("/loop", http_status(302, "Location: /loop"));
  check_refused(fetch(server.url("/loop")));
  CHECK(server.accepted() == 4);
}

TEST_CASE("a redirect is judged like the first URL", "[net]") {
  test::HttpServer server;
  test::HttpServer other;
  const std::string place = fmt::format("127.0.0.1:{}/a.wav", other.port());
  const std::string target =
      GENERATE_COPY(values<std::string>({"file:///etc/passwd", "gopher://" + place, "ftp://" + place,
                                         "http://user:secret@" + place, "dict://" + place}));
  INFO(target);
  server.on("/", http_status(302, "Location: " + target));
  const net::Fetched fetched = fetch(server.url("/"));
  check_refused(fetched);
  CHECK_THAT(failure_of(fetched).error.what(), !Catch::Contains("secret"));
  CHECK(other.accepted() == 0);
}

TEST_CASE("the address is judged again after a redirect, before any connection", "[net]") {
  test::HttpServer open_place("127.0.0.1");
  test::HttpServer closed_place("127.0.0.2");
  closed_place.on("/a.wav", http_ok("sound"));
  open_place.on("/", http_status(302, "Location: " + closed_place.url("/a.wav")));
  const auto downloader = net::open_downloader(
      {.may_reach = [](const sockaddr& address) { return net::address_text(address) == "127.0.0.1"; }});
  const net::Fetched fetched = downloader->fetch(open_place.url("/"), SteadyTime::max(), {});
  check_refused(fetched);
  CHECK_THAT(failure_of(fetched).error.what(), Catch::Contains("127.0.0.2"));
  CHECK(open_place.accepted() == 1);
  CHECK(closed_place.accepted() == 0);
}

TEST_CASE("a message about a URL holds no query", "[net]") {
  test::HttpServer server;
  const net::Fetched fetched = fetch(server.url("/none?token=secret"));
  CHECK(failure_of(fetched).error.code() == ErrorCode::not_found);
  CHECK_THAT(failure_of(fetched).error.what(), Catch::Contains("404") && !Catch::Contains("secret"));
}
