// What schedules can do.
#pragma once

#include <filesystem>
#include <stop_token>

#include "kbeat/config/schedule_settings.hpp"
#include "kbeat/upkeep/messenger.hpp"

namespace kbeat::upkeep {

struct TaskParts {
  std::filesystem::path data_dir;
  Messenger& messenger;  ///< for notifications
  Clock& clock;
};

/// Delivers notifications (up to 100), computes the dashboard anew, prunes, runs a program or switches a
/// group's consumers. Throws Error saying what failed. Safe for several threads.
void run_scheduled_task(const TaskParts& parts, const config::ScheduleSettings& schedule, WallTime due,
                        std::stop_token stop);

}  // namespace kbeat::upkeep
