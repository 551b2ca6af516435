// How long to wait before the next attempt: none, fixed, linear or exponential, capped, with jitter.
#pragma once

#include <cstdint>
#include <string_view>

#include "kbeat/base/clock.hpp"

namespace kbeat {

enum class BackoffKind { none, fixed, linear, exponential };

/// Reads `none`, `fixed`, `linear` or `exponential`; throws Error{usage} naming the four.
[[nodiscard]] BackoffKind parse_backoff_kind(std::string_view text);

struct BackoffPolicy {
  BackoffKind kind = BackoffKind::exponential;
  Milliseconds base{200};
  Milliseconds cap{30'000};
  double jitter = 0.2;  ///< share of the delay by which it may differ, either way; 0 makes it exact
};

/// The delay before retry `n` (1 is the first). `random` is uniform in [0, 1). Safe for any n.
[[nodiscard]] Milliseconds backoff_delay(const BackoffPolicy& policy, std::uint64_t n, double random);

}  // namespace kbeat
