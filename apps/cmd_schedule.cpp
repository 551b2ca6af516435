// Wires schedules to their tasks.
#include "cmd_schedule.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>

#include "exit_code.hpp"
#include "hangup.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/service_notifier.hpp"
#include "kbeat/config/schedule_settings.hpp"
#include "kbeat/upkeep/scheduled_tasks.hpp"
#include "kbeat/upkeep/scheduler.hpp"
#include "line_source.hpp"
#include "output.hpp"

namespace kbeat::app {
namespace {

std::string event_line(const upkeep::ScheduleEvent& event) {
  const std::string name = json_string(event.schedule);
  const std::string error = event.error.empty() ? "null" : json_string(event.error);
  return fmt::format(R"({{"schedule":{},"due":"{}","outcome":"{}","error":{}}})", name, to_rfc3339(event.due),
                     event.outcome, error);
}

std::string when_of(const config::ScheduleSettings& schedule) {
  if (schedule.every) return fmt::format("every {:g}s", static_cast<double>(schedule.every->count()) / 1000);
  return fmt::format("{} ({})", schedule.cron, schedule.zone);
}

Cell time_cell(const std::optional<WallTime>& time) {
  return time ? Cell(to_rfc3339(*time)) : Cell();
}

/// One line of stdin: expression, zone and time, with tabs between.
void preview_line(const std::string& line, Context& context) {
  const std::size_t first = line.find('\t');
  const std::size_t second = line.find('\t', first + 1);
  if (first == std::string::npos || second == std::string::npos) {
    throw Error(ErrorCode::bad_input, "a line needs three parts with tabs between: EXPRESSION, ZONE, TIME");
  }
  const upkeep::CronExpression cron(line.substr(0, first));
  const upkeep::TimeZone zone(line.substr(first + 1, second - first - 1));
  const auto next = cron.next(parse_rfc3339(line.substr(second + 1)), zone);
  context.io.out().write((next ? to_rfc3339(*next) : std::string("never")) + "\n");
}

void add_schedule_list(CommandLine& line, CLI::App& group) {
  auto options = std::make_shared<ScheduleListOptions>();
  CLI::App& app = add_command(line, group,
                              {"list", "show schedules: when, what, how the last run went",
                               "kbeat schedule list\nkbeat schedule list --output json | jq -r .next"},
                              [options](Context& context) { return run_schedule_list(*options, context); });
  add_output_flag(app, options->output);
}

void add_run_command(CommandLine& line, CLI::App& group) {
  auto options = std::make_shared<ScheduleRunOptions>();
  CLI::App& app = add_command(line, group,
                              {"run", "run schedules until stopped",
                               "kbeat schedule run\nkbeat schedule run --now dashboard   # once, at once"},
                              [options](Context& context) { return run_schedule_run(*options, context); });
  app.add_option("--now", options->now, "run this one at once, then exit")->type_name("NAME");
  add_setting(line, app, "--exec", "notify.exec", "deliver notifications by this program")
      ->type_name("COMMAND");
  add_setting(line, app, "--webhook", "notify.webhook", "deliver notifications to this URL")
      ->type_name("URL");
}

void add_preview_command(CommandLine& line, CLI::App& group) {
  auto options = std::make_shared<SchedulePreviewOptions>();
  CLI::App& app =
      add_command(line, group,
                  {"preview", "print when a cron expression is due",
                   "kbeat schedule preview \"30 2 * * *\" --zone Europe/Berlin\n"
                   "kbeat schedule preview \"0 9 * * mon-fri\" --after 2026-12-24 --count 3"},
                  [options](Context& context) { return run_schedule_preview(*options, context); });
  app.add_option("cron", options->cron, "five fields, or - for lines of EXPRESSION, ZONE and TIME with tabs")
      ->required()
      ->type_name("EXPRESSION");
  app.add_option("--zone", options->zone, "the clock it goes by")->type_name("ZONE")->capture_default_str();
  app.add_option("--after", options->after, "begin after this time (default: now)")->type_name("TIME");
  app.add_option("--count", options->count, "so many moments")
      ->check(CLI::Range(1, 10'000))
      ->type_name("N")
      ->capture_default_str();
}

}  // namespace

void add_schedule(CommandLine& line) {
  CLI::App& group = add_command_group(line.root(), {"schedule", "run tasks by interval or cron expression",
                                                    "kbeat schedule list\nkbeat schedule run"});
  add_schedule_list(line, group);
  add_run_command(line, group);
  add_preview_command(line, group);
}

int run_schedule_list(const ScheduleListOptions& options, Context& context) {
  const OutputForm form = output_form(options.output, context.io);
  store::ScheduleRows rows(context.settings().transport.data_dir);
  Listing listing{{"name", "when", "task", "enabled", "next", "running", "last_due", "last_outcome", "runs",
                   "failures", "skipped", "error"},
                  {}};
  for (const config::ScheduleSettings& schedule : config::schedules_in(context.config.lists)) {
    const store::ScheduleState state = rows.read(schedule.name);
    const WallTime now = context.clock.now();
    const bool running = state.running_until && *state.running_until > now;
    const bool ran = !state.last_outcome.empty();
    listing.rows.push_back({schedule.name, when_of(schedule), std::string(config::to_string(schedule.task)),
                            schedule.enabled,
                            schedule.enabled ? time_cell(upkeep::DueTimes(schedule).next(now)) : Cell(),
                            running, state.runs > 0 ? time_cell(state.last_due) : Cell(),
                            ran ? Cell(state.last_outcome) : Cell(), state.runs, state.failures,
                            state.skipped, state.last_error.empty() ? Cell() : Cell(state.last_error)});
  }
  print_listing(listing, form, context.io.out());
  return k_exit_done;
}

int run_schedule_run(const ScheduleRunOptions& options, Context& context) {
  const config::NotifySettings& notify = context.settings().notify;
  const auto messenger = upkeep::make_messenger({.exec = notify.exec, .webhook = notify.webhook});
  const upkeep::TaskParts tasks{context.settings().transport.data_dir, *messenger, context.clock};
  const auto print = [&context](const upkeep::ScheduleEvent& event) {
    context.io.out().write(event_line(event) + "\n");
    context.io.out().flush();
  };
  const ServiceNotifier service;
  SteadyTime said = context.clock.steady();
  const auto tell_alive = [&] {
    const auto period = service.watchdog_period();
    if (!period || context.clock.steady() - said < *period / 2) return;
    said = context.clock.steady();
    service.alive();
  };
  upkeep::Scheduler scheduler(
      {.data_dir = tasks.data_dir,
       .run_task =
           [&tasks](const config::ScheduleSettings& schedule, WallTime due, std::stop_token stop) {
             upkeep::run_scheduled_task(tasks, schedule, due, std::move(stop));
           },
       .clock = context.clock,
       .told = print,
       .turned = tell_alive},
      config::schedules_in(context.config.lists));
  if (!options.now.empty()) {
    const upkeep::ScheduleEvent event = scheduler.run_now(options.now, context.stop());
    print(event);
    return event.outcome == "done" ? k_exit_done : k_exit_failed;
  }
  const RereadOnHangup on_hangup(context);
  service.ready();
  scheduler.run(context.stop());
  service.stopping();
  return k_exit_done;
}

int run_schedule_preview(const SchedulePreviewOptions& options, Context& context) {
  if (options.cron == "-") {
    LineSource lines(context.io.in(), "\n");
    std::string_view line;
    for (Pulled pulled = lines.next(line); pulled != Pulled::end; pulled = lines.next(line)) {
      if (pulled == Pulled::line) preview_line(std::string(line), context);
      if (pulled == Pulled::pause) static_cast<void>(lines.wait(Milliseconds{1000}));
    }
    return k_exit_done;
  }
  const upkeep::CronExpression cron(options.cron);
  const upkeep::TimeZone zone(options.zone);
  WallTime after = options.after.empty() ? context.clock.now() : parse_rfc3339(options.after);
  for (int i = 0; i < options.count; ++i) {
    const auto next = cron.next(after, zone);
    if (!next && i == 0) throw Error(ErrorCode::not_found, fmt::format("\"{}\" is never due", options.cron));
    if (!next) break;
    after = *next;
    context.io.out().write(to_rfc3339(after) + "\n");
  }
  return k_exit_done;
}

}  // namespace kbeat::app
