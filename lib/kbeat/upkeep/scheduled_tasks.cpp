// One function a kind of task.
#include "kbeat/upkeep/scheduled_tasks.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "kbeat/base/bounded_child.hpp"
#include "kbeat/base/child_process.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/memory_file.hpp"
#include "kbeat/store/consumer_switches.hpp"
#include "kbeat/store/dashboard.hpp"
#include "kbeat/store/prune.hpp"
#include "kbeat/store/store_schema.hpp"
#include "kbeat/upkeep/notification_sender.hpp"

namespace kbeat::upkeep {
namespace {

constexpr std::uint64_t k_notifications_a_run = 100;

void notify(const TaskParts& parts, std::stop_token stop) {
  store::Notifications rows(parts.data_dir);
  NotificationSender sender(rows, parts.messenger, parts.clock);
  const auto owner = fmt::format("{}-{}", ::getpid(), parts.clock.steady().time_since_epoch().count());
  std::string first_error;
  const SendCounts counts = sender.send_all({.owner = owner, .limit = k_notifications_a_run}, stop,
                                            [&](const SentNotification& row) {
                                              if (first_error.empty()) first_error = row.error;
                                            });
  if (counts.failed > 0) {
    throw Error(ErrorCode::undelivered, fmt::format("{} of {} notifications stay unsent: {}", counts.failed,
                                                    counts.sent + counts.failed, first_error));
  }
}

void run_program(const TaskParts& parts, const config::ScheduleSettings& schedule, WallTime due,
                 const std::stop_token& stop) {
  constexpr std::array<std::string_view, 5> k_names{"PATH", "HOME", "LANG", "TZ", "LD_LIBRARY_PATH"};
  std::string name;
  append_json_string(name, schedule.name);
  const Descriptor input =
      memory_file(fmt::format("{{\"schedule\":{},\"due\":\"{}\"}}\n", name, to_rfc3339(due)));
  const std::vector<std::string> kept(k_names.begin(), k_names.end());
  const ChildReport report = run_child(
      {.words = schedule.command, .environment = inherited_environment(kept), .input = input.number()},
      parts.clock.steady() + schedule.timeout, stop);
  const std::string& program = schedule.command.front();
  if (report.end == ChildEnd::timed_out)
    throw Error(ErrorCode::timed_out,
                fmt::format("{} did not end within {}", program, seconds_text(schedule.timeout)));
  if (report.end == ChildEnd::stopped)
    throw Error(ErrorCode::interrupted, fmt::format("{} was stopped", program));
  if (report.end == ChildEnd::too_much)
    throw Error(ErrorCode::too_large, fmt::format("{} wrote too much", program));
  if (WIFEXITED(report.status) && WEXITSTATUS(report.status) == 0) return;
  throw Error(ErrorCode::io, fmt::format("{} {}", program, end_text(report)));
}

std::unique_ptr<sqlite::Database> open_database(const TaskParts& parts) {
  return store::open_store_file(parts.data_dir, store::OpenMode::read_write);
}

}  // namespace

void run_scheduled_task(const TaskParts& parts, const config::ScheduleSettings& schedule, WallTime due,
                        std::stop_token stop) {
  using config::TaskKind;
  switch (schedule.task) {
    case TaskKind::notify: return notify(parts, std::move(stop));
    case TaskKind::exec: return run_program(parts, schedule, due, stop);
    case TaskKind::dashboard: return store::refresh_dashboard(*open_database(parts), parts.clock.now());
    case TaskKind::prune: {
      static_cast<void>(store::prune(*open_database(parts), {}, parts.clock.now()));
      return;
    }
    case TaskKind::consumer_on:
    case TaskKind::consumer_off: {
      const auto to = schedule.task == TaskKind::consumer_on ? store::Switched::on : store::Switched::off;
      return store::switch_consumer(*open_database(parts), schedule.group, to, parts.clock.now());
    }
  }
}

}  // namespace kbeat::upkeep
