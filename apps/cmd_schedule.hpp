// `kbeat schedule`: what runs when, and running it.
#pragma once

#include <string>
#include <vector>

#include "command.hpp"

namespace kbeat::app {

struct ScheduleListOptions {
  std::string output;
};

struct ScheduleRunOptions {
  std::string now;  ///< one schedule's name: run it at once
};

struct SchedulePreviewOptions {
  std::string cron;
  std::string zone = "UTC";
  std::string after;
  int count = 5;
};

void add_schedule(CommandLine& line);
[[nodiscard]] int run_schedule_list(const ScheduleListOptions& options, Context& context);
/// Until stopped; with a name 0 when its task is done, 1 when it failed.
[[nodiscard]] int run_schedule_run(const ScheduleRunOptions& options, Context& context);
/// 3 for an expression that is never due.
[[nodiscard]] int run_schedule_preview(const SchedulePreviewOptions& options, Context& context);

}  // namespace kbeat::app
