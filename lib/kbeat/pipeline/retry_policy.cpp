// The arithmetic of retries.
#include "kbeat/pipeline/retry_policy.hpp"

#include <algorithm>

namespace kbeat::pipeline {

std::optional<Milliseconds> next_try(const RetryPolicy& policy, const Retry& retry, int attempts,
                                     double random) {
  constexpr int k_crashes_before_letter = 3;
  const bool crashed = retry.category == FailureCategory::crash;
  const bool enough = crashed ? attempts >= k_crashes_before_letter
                              : policy.backoff.kind == BackoffKind::none || attempts > policy.max_retries;
  if (enough) return std::nullopt;
  const Milliseconds own = backoff_delay(policy.backoff, static_cast<std::uint64_t>(attempts), random);
  return std::max(own, asked_wait(retry));
}

Milliseconds asked_wait(const Retry& retry) {
  constexpr Milliseconds k_longest = std::chrono::hours{1};
  return std::min(retry.after.value_or(Milliseconds{0}), k_longest);
}

}  // namespace kbeat::pipeline
