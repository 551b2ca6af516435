// HOST:PORT: what is one, and ports that the C library would make others of.
#include "kbeat/base/host_port.hpp"

#include <catch2/catch.hpp>

using kbeat::parse_host_port;

TEST_CASE("a host and a port are told apart by the last colon", "[base]") {
  const auto check = [](const char* text, const char* host, int port) {
    const auto found = parse_host_port(text);
    REQUIRE(found);
    CHECK((found->host == host && found->port == port));
  };
  check("127.0.0.1:8000", "127.0.0.1", 8000);
  check("localhost:0", "localhost", 0);
  check("[::1]:65535", "::1", 65'535);
  check("::1:80", "::1", 80);
  check(":9100", "", 9100);
}

TEST_CASE("a port that is none is not rounded into one", "[base]") {
  for (const char* text : {"", "h", "9100", "h:", "h:x", "h:70000", "h:65536", "h:000080", "h: 80", "h:80 ",
                           "h:-1", "h:+80", "h:0x50", "h:4294967376", "[::1]"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_host_port(text));
  }
}
