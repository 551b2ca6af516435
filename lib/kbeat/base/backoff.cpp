// The four retry strategies' arithmetic, safe against overflow.
#include "kbeat/base/backoff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kbeat/base/error.hpp"

namespace kbeat {

BackoffKind parse_backoff_kind(std::string_view text) {
  if (text == "none") return BackoffKind::none;
  if (text == "fixed") return BackoffKind::fixed;
  if (text == "linear") return BackoffKind::linear;
  if (text == "exponential") return BackoffKind::exponential;
  throw Error(ErrorCode::usage,
              fmt::format("\"{}\" is not a retry strategy: use exponential, fixed, linear or none", text));
}

Milliseconds backoff_delay(const BackoffPolicy& policy, std::uint64_t n, double random) {
  const auto base = static_cast<double>(policy.base.count());
  const auto cap = static_cast<double>(policy.cap.count());
  double delay = 0;
  switch (policy.kind) {
    case BackoffKind::none: return Milliseconds{0};
    case BackoffKind::fixed: delay = base; break;
    case BackoffKind::linear: delay = std::min(cap, base * static_cast<double>(n)); break;
    case BackoffKind::exponential:
      delay = std::min(cap, base * std::exp2(static_cast<double>(std::min<std::uint64_t>(n, 64)) - 1.0));
      break;
  }
  delay *= 1.0 + policy.jitter * (2.0 * random - 1.0);
  return Milliseconds{static_cast<Milliseconds::rep>(std::llround(std::max(0.0, delay)))};
}

}  // namespace kbeat
