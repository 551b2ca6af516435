// Time as a seam: wall time, monotonic time and waiting, so that tests need not wait.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>

namespace kbeat {

using Milliseconds = std::chrono::milliseconds;
using WallTime = std::chrono::sys_time<Milliseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

/// The machine's monotonic time, where no test has to turn it.
[[nodiscard]] SteadyTime steady_now();

/// What is left until then in whole milliseconds, rounded up; none once it has passed.
[[nodiscard]] Milliseconds left_until(SteadyTime deadline);

enum class Waited { elapsed, stopped };

/// Safe to call from any thread.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  [[nodiscard]] virtual WallTime now() const = 0;
  [[nodiscard]] virtual SteadyTime steady() const = 0;
  /// Waits for `duration`, or less when `stop` is requested.
  virtual Waited wait(Milliseconds duration, std::stop_token stop) = 0;
};

/// The machine's own clock.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override;
  [[nodiscard]] SteadyTime steady() const override;
  Waited wait(Milliseconds duration, std::stop_token stop) override;
};

/// RFC 3339 in UTC with milliseconds: `2026-01-31T09:00:00.000Z`.
[[nodiscard]] std::string to_rfc3339(WallTime time);

/// Reads RFC 3339 (any offset, up to nanoseconds, cut to milliseconds) or a bare UTC date.
/// Throws Error{bad_input} naming the text.
[[nodiscard]] WallTime parse_rfc3339(std::string_view text);

/// Reads `250ms`, `10s`, `5m`, `2h`, `7d` (a bare number counts in milliseconds, as Kafka's settings do).
/// Throws Error{bad_input} naming the text.
[[nodiscard]] Milliseconds parse_duration(std::string_view text);

/// `3000 ms` as `3.0s`, the form of the connect loop's messages.
[[nodiscard]] std::string seconds_text(Milliseconds duration);

}  // namespace kbeat
