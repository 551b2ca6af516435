// Whether and when a failed event is tried again.
#pragma once

#include <optional>

#include "kbeat/base/backoff.hpp"
#include "kbeat/model/outcome.hpp"

namespace kbeat::pipeline {

struct RetryPolicy {
  BackoffPolicy backoff;
  int max_retries = 3;  ///< tries after the first one
};

/// The wait before the next try, or nothing when `attempts` (the first try included) were enough.
/// A wait that the other side asked for counts when it is longer, whatever the policy's cap. An event whose
/// child crashed is tried three times in all, whatever the policy.
[[nodiscard]] std::optional<Milliseconds> next_try(const RetryPolicy& policy, const Retry& retry,
                                                   int attempts, double random);

/// How long the other side asked to be left alone, an hour at most; 0: it did not.
[[nodiscard]] Milliseconds asked_wait(const Retry& retry);

}  // namespace kbeat::pipeline
