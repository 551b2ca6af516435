// When a schedule is due, and which moments count after a time in which nobody looked.
#pragma once

#include <optional>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/config/schedule_settings.hpp"
#include "kbeat/upkeep/cron.hpp"

namespace kbeat::upkeep {

/// Whether a moment passed so long ago that nobody can have been looking: more than five seconds.
[[nodiscard]] bool is_missed(WallTime moment, WallTime now);

/// The moments of one schedule.
class DueTimes {
 public:
  /// Throws Error{configuration} naming the schedule's place for a cron expression or a zone that is none.
  explicit DueTimes(const config::ScheduleSettings& schedule);

  [[nodiscard]] std::optional<WallTime> next(WallTime after) const;

  /// The moments to act on now, oldest first: those after `last` and up to `now`, by the policy on missed
  /// ones.
  [[nodiscard]] std::vector<WallTime> due(WallTime last, WallTime now) const;

 private:
  std::optional<Milliseconds> m_every;
  std::optional<CronExpression> m_cron;
  std::optional<TimeZone> m_zone;
  config::Missed m_missed;
};

}  // namespace kbeat::upkeep
