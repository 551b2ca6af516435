// Schedules: what runs when.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/config/config_entry.hpp"

namespace kbeat::config {

enum class TaskKind { notify, dashboard, prune, exec, consumer_on, consumer_off };
/// What becomes of due moments that passed while nobody ran schedules.
enum class Missed { skip, once, all };
/// What becomes of a due moment while the former run goes on.
enum class Overlap { skip, wait };

struct ScheduleSettings {
  std::string place;  ///< where it was given, for messages
  std::string name;
  std::optional<Milliseconds> every;  ///< counted from 1970, so that all processes agree on the moments
  std::string cron;                   ///< when there is no interval
  std::string zone = "UTC";
  TaskKind task = TaskKind::exec;
  std::vector<std::string> command;  ///< exec
  std::string group;                 ///< consumer_on and consumer_off
  Missed missed = Missed::skip;
  Overlap overlap = Overlap::skip;
  Milliseconds timeout{10 * 60'000};
  bool enabled = true;
};

[[nodiscard]] std::string_view to_string(TaskKind task);

/// Those of [[schedule]], over the ones that are always there: notifications (30 s), dashboard (5 min) and
/// prune (15 min). One of the same name takes its place. Throws Error{configuration} naming file, line, key.
[[nodiscard]] std::vector<ScheduleSettings> read_schedules(std::span<const ConfigEntry> entries);
/// Of all lists of tables that a config has.
[[nodiscard]] std::vector<ScheduleSettings> schedules_in(const ConfigLists& lists);

}  // namespace kbeat::config
