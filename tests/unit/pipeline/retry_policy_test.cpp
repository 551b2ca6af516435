// How often an event is tried and how long it waits.
#include "kbeat/pipeline/retry_policy.hpp"

#include <catch2/catch.hpp>

using namespace kbeat;
using namespace kbeat::pipeline;
using namespace std::chrono_literals;

namespace {

RetryPolicy policy(BackoffKind kind, int retries) {
  return {.backoff = {.kind = kind, .base = 200ms, .cap = 30s, .jitter = 0}, .max_retries = retries};
}

}  // namespace

TEST_CASE("R1: N retries are N + 1 tries", "[pipeline][retry]") {
  const RetryPolicy three = policy(BackoffKind::exponential, 3);
  const Retry retry{FailureCategory::timeout, "slow", std::nullopt};
  CHECK(next_try(three, retry, 1, 0.5) == 200ms);
  CHECK(next_try(three, retry, 3, 0.5) == 800ms);
  CHECK_FALSE(next_try(three, retry, 4, 0.5));
  CHECK_FALSE(next_try(policy(BackoffKind::none, 3), retry, 1, 0.5));
  CHECK_FALSE(next_try(policy(BackoffKind::fixed, 0), retry, 1, 0.5));
}

TEST_CASE("a longer wait that the other side asked for counts, up to an hour", "[pipeline][retry]") {
  const RetryPolicy three = policy(BackoffKind::fixed, 3);
  CHECK(next_try(three, {FailureCategory::dependency, "", 20min}, 1, 0.5) == 20min);
  CHECK(next_try(three, {FailureCategory::dependency, "", 1ms}, 1, 0.5) == 200ms);
  CHECK(next_try(three, {FailureCategory::dependency, "", std::chrono::hours{100}}, 1, 0.5) == 1h);
}

TEST_CASE("R6: a crash is tried three times whatever the policy", "[pipeline][retry]") {
  const Retry crash{FailureCategory::crash, "SEGV", std::nullopt};
  CHECK(next_try(policy(BackoffKind::none, 0), crash, 2, 0.5).has_value());
  CHECK_FALSE(next_try(policy(BackoffKind::fixed, 10), crash, 3, 0.5));
}
