// Cron expressions: when, on the clock of a time zone, something is due.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

#include "kbeat/base/clock.hpp"

namespace kbeat::upkeep {

/// A zone of the IANA database, by name. Copies are cheap; the database is read at first use.
class TimeZone {
 public:
  /// `UTC`, `Europe/Berlin` … Throws Error{configuration} for a name that is none.
  explicit TimeZone(const std::string& name);
  [[nodiscard]] const std::string& name() const { return m_name; }
  /// The zone itself, for the calendar arithmetic of this folder.
  [[nodiscard]] const void* handle() const { return m_zone; }

 private:
  std::string m_name;
  const void* m_zone;
};

/// Five fields, minute hour day-of-month month day-of-week, with lists, ranges, steps and English names, or
/// one of @hourly @daily @weekly @monthly @yearly. When both days are restricted either one will do, as in
/// every cron since Vixie's.
///
/// Around a change of the clocks, as in Vixie's: where minute and hour are given, a time that is left out is
/// due at the first moment after the gap, and one that comes twice is due the first time only. Where one of
/// them begins with `*` the expression means "so often", so every matching moment counts and none is made up.
class CronExpression {
 public:
  /// Throws Error{configuration} saying which field is wrong and why.
  explicit CronExpression(std::string_view text);

  /// The first due moment after `after`; nothing when there is none within nine years.
  [[nodiscard]] std::optional<WallTime> next(WallTime after, const TimeZone& zone) const;

 private:
  friend class CronDay;
  std::bitset<60> m_minutes;
  std::bitset<24> m_hours;
  std::bitset<32> m_days;
  std::bitset<13> m_months;
  std::bitset<7> m_weekdays;
  bool m_any_day = false;
  bool m_any_weekday = false;
  bool m_so_often = false;  ///< the minute or the hour begins with *
};

}  // namespace kbeat::upkeep
