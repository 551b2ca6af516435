// Text forms of times and spans, and the arithmetic of back-offs.
#include "kbeat/base/clock.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/backoff.hpp"
#include "kbeat/base/error.hpp"

using namespace kbeat;

TEST_CASE("RFC 3339 times survive a round trip in UTC", "[base][clock]") {
  CHECK(to_rfc3339(parse_rfc3339("2026-01-31T09:00:00.123Z")) == "2026-01-31T09:00:00.123Z");
  CHECK(to_rfc3339(parse_rfc3339("2026-01-31T10:30:00.5+01:30")) == "2026-01-31T09:00:00.500Z");
  CHECK(to_rfc3339(parse_rfc3339("2026-01-31")) == "2026-01-31T00:00:00.000Z");
}

TEST_CASE("a text that is no time is refused", "[base][clock]") {
  for (const char* text :
       {"", "yesterday", "2026-02-30", "2026-01-31T09:00:00", "2026-01-31T25:00:00Z", "2026-1-1"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_rfc3339(text), Error);
  }
}

TEST_CASE("spans take a unit and a bare number is milliseconds", "[base][clock]") {
  CHECK(parse_duration("250") == Milliseconds{250});
  CHECK(parse_duration("1.5s") == Milliseconds{1500});
  CHECK(parse_duration("2h") == Milliseconds{7'200'000});
  for (const char* text : {"", "s", "-1s", "NaN", "1e9999", "10 s", "5y", "99999999999999999999d"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_duration(text), Error);
  }
}

TEST_CASE("R2: each retry strategy follows its formula and its cap", "[base][backoff]") {
  const auto delay = [](BackoffKind kind, std::uint64_t n) {
    return backoff_delay({.kind = kind, .base = Milliseconds{200}, .cap = Milliseconds{30'000}, .jitter = 0},
                         n, 0.5)
        .count();
  };
  CHECK(delay(BackoffKind::none, 3) == 0);
  CHECK(delay(BackoffKind::fixed, 3) == 200);
  CHECK(delay(BackoffKind::linear, 3) == 600);
  CHECK(delay(BackoffKind::exponential, 1) == 200);
  CHECK(delay(BackoffKind::exponential, 3) == 800);
  CHECK(delay(BackoffKind::exponential, 1'000'000) == 30'000);
  CHECK(delay(BackoffKind::linear, 1'000'000) == 30'000);
}
