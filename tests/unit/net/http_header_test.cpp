// Headers of a user's: names that are tokens, and none that the request needs for itself.
#include "kbeat/net/http_header.hpp"

#include <catch2/catch.hpp>

using namespace kbeat::net;

TEST_CASE("a header with a token for its name and plain text for its value is taken", "[net]") {
  for (const char* name : {"X-Source", "a", "x_y.z", "!#$%&'*+-.^_`|~", "Content-Type", "Hosts"})
    CHECK_FALSE(fault_of_own_header(name, "any \"text\", \xC3\xA9 too"));
}

TEST_CASE("a name that is no token is refused", "[net]") {
  for (const char* name : {"", "a b", "a:", "a\r\nb", "a\t", "(a)", "a@b", "\xC3\xA9", "a/b"})
    CHECK(fault_of_own_header(name, "v").value_or("").find("no name") != std::string_view::npos);
}

TEST_CASE("what frames the request or names its event is refused in any case of letters", "[net]") {
  for (const char* name : {"Content-Length", "TRANSFER-ENCODING", "host", "Connection", "idempotency-Key"})
    CHECK(fault_of_own_header(name, "v").value_or("").find("sets itself") != std::string_view::npos);
}

TEST_CASE("a value that could begin another header is refused", "[net]") {
  for (const char* value : {"a\r\nX: 1", "a\n", "\x01", "a\tb", "\x7F"}) {
    CHECK_FALSE(is_header_value(value));
    CHECK(fault_of_own_header("a", value));
  }
  CHECK(is_header_value(""));
}
