// Requests a second, by address.
#include "kbeat/server/rate_limiter.hpp"

#include <catch2/catch.hpp>

using namespace kbeat;
using kbeat::server::RateLimiter;

TEST_CASE("an address may send so many a second and is told when it may come again", "[server][http]") {
  RateLimiter limiter(2);
  const SteadyTime now{};
  CHECK_FALSE(limiter.refuse("a", now));
  CHECK_FALSE(limiter.refuse("a", now));
  CHECK(limiter.refuse("a", now) == std::chrono::seconds(1));
  CHECK_FALSE(limiter.refuse("b", now));
  CHECK_FALSE(limiter.refuse("a", now + Milliseconds{500}));
  CHECK(limiter.refuse("a", now + Milliseconds{500}));
}

TEST_CASE("a slow rate says how long the wait is, and no rate limits nothing", "[server][http]") {
  RateLimiter slow(0.1);
  CHECK_FALSE(slow.refuse("a", SteadyTime{}));
  CHECK(slow.refuse("a", SteadyTime{}) == std::chrono::seconds(10));
  RateLimiter none(0);
  for (int i = 0; i < 1000; ++i) CHECK_FALSE(none.refuse("a", SteadyTime{}));
}
