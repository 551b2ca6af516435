// Intervals on the grid of the epoch, cron expressions on the calendar of their zone.
#include "kbeat/upkeep/due_times.hpp"

#include <fmt/format.h>

#include "kbeat/base/error.hpp"

namespace kbeat::upkeep {
namespace {

/// Later than that after its moment, a run was missed: the scheduler looks more often.
constexpr Milliseconds k_punctual{5000};
/// A schedule of every minute that slept for a month would run for a day.
constexpr std::size_t k_most_missed = 1000;

}  // namespace

bool is_missed(WallTime moment, WallTime now) {
  return now - moment > k_punctual;
}

DueTimes::DueTimes(const config::ScheduleSettings& schedule)
    : m_every(schedule.every), m_missed(schedule.missed) {
  if (m_every) return;
  try {
    m_cron.emplace(schedule.cron);
    m_zone.emplace(schedule.zone);
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("{}: {}", schedule.place, error.what()));
  }
}

std::optional<WallTime> DueTimes::next(WallTime after) const {
  if (!m_every) return m_cron->next(after, *m_zone);
  const auto since = after.time_since_epoch();
  return WallTime((since / *m_every + 1) * *m_every);
}

std::vector<WallTime> DueTimes::due(WallTime last, WallTime now) const {
  std::vector<WallTime> moments;
  // Without this, an interval of a second would be counted through a year.
  if (m_every && m_missed != config::Missed::all && now - last > 2 * *m_every) last = now - 2 * *m_every;
  for (auto moment = next(last); moment && *moment <= now; moment = next(*moment)) {
    moments.push_back(*moment);
    if (moments.size() > k_most_missed) moments.erase(moments.begin());
  }
  if (moments.empty() || m_missed == config::Missed::all) return moments;
  const WallTime newest = moments.back();
  if (m_missed == config::Missed::skip && is_missed(newest, now)) return {};
  return {newest};
}

}  // namespace kbeat::upkeep
