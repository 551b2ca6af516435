// Patterns for topics, as users write them and as librdkafka takes them.
#include "kbeat/transport/kafka/topic_pattern.hpp"

#include <regex.h>

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"

using namespace kbeat;
using namespace kbeat::transport;

namespace {

/// As librdkafka matches a name.
bool matches(const std::string& pattern, const char* name) {
  regex_t compiled;
  REQUIRE(regcomp(&compiled, posix_pattern(pattern).c_str(), REG_EXTENDED | REG_NOSUB) == 0);
  const bool found = regexec(&compiled, name, 0, nullptr, 0) == 0;
  regfree(&compiled);
  return found;
}

}  // namespace

TEST_CASE("a pattern matches the same names in POSIX syntax", "[transport][kafka]") {
  CHECK(matches("^orders\\.\\d+$", "orders.42"));
  CHECK_FALSE(matches("^orders\\.\\d+$", "orders.x"));
  CHECK_FALSE(matches("^orders\\.\\d+$", "ordersx4"));
  CHECK(matches("^(?:a|b)-\\w+?$", "b-event_1"));
  CHECK_FALSE(matches("^(?:a|b)-\\w+?$", "c-event"));
  CHECK(matches("^[\\d.]+$", "1.2.3"));
  CHECK(matches("^a\\*?$", "a"));
  CHECK(matches("^a\\*?$", "a*"));
  CHECK(matches("^\\D+$", "abc"));
}

TEST_CASE("a pattern that cannot be used is refused with its text", "[transport][kafka]") {
  for (const char* pattern : {"^(", "^(?i)orders", "^\\bword", "^a{2,1}"}) {
    CAPTURE(pattern);
    CHECK_THROWS_AS(posix_pattern(pattern), Error);
  }
}
