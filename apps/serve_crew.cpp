// What runs beside the server in its process, each part on a thread of its own.
#include "serve_crew.hpp"

#include <CLI/CLI.hpp>

#include <utility>

#include "auto_retries.hpp"
#include "consume_flags.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/config/schedule_settings.hpp"
#include "kbeat/pipeline/consume_loop.hpp"
#include "kbeat/pipeline/letter_keeper.hpp"
#include "kbeat/upkeep/scheduled_tasks.hpp"
#include "kbeat/upkeep/scheduler.hpp"
#include "route_flags.hpp"
#include "trial_child.hpp"

namespace kbeat::app {
namespace {

constexpr const char* k_beside = "Beside the server";

/// A server has no reader for result lines: they are there for whoever looks closely.
class LoggedResults final : public pipeline::ResultSink {
 public:
  void write(std::string_view lines) override {
    for (std::size_t end; (end = lines.find('\n')) != std::string_view::npos; lines.remove_prefix(end + 1))
      log_debug("consumed {}", lines.substr(0, end));
  }
  [[nodiscard]] bool has_room() override { return true; }
};

void log_event(const upkeep::ScheduleEvent& event) {
  if (event.outcome == "failed") {
    log_warning("schedule {}: {}", event.schedule, event.error);
  } else {
    log_debug("schedule {}: {}", event.schedule, event.outcome);
  }
}

}  // namespace

void add_crew_flags(CommandLine& line, CLI::App& app, CrewFlags& flags) {
  app.add_option("--consume", flags.topics, "topics whose events are handled in this process")
      ->type_name("TOPIC")
      ->group(k_beside);
  add_setting(line, app, "-G,-g,--group", "kafka.group", "consumer group")
      ->type_name("GROUP")
      ->group(k_beside);
  app.add_option("-j,--workers", flags.workers, "events handled at once, in order per key")
      ->check(CLI::Range(1, 256))
      ->group(k_beside)
      ->capture_default_str();
  app.add_flag("--auto-retry", flags.auto_retry,
               "retry dead letters of passing failures by itself, then archive them")
      ->group(k_beside);
  app.add_flag("--no-schedules", flags.no_schedules,
               "run no schedules here (notifications, dashboard, prune and those of the config)")
      ->group(k_beside);
}

void check_crew_flags(const CrewFlags& flags) {
  if (!flags.topics.empty()) return;
  if (flags.auto_retry) throw Error(ErrorCode::usage, "--auto-retry goes with --consume");
  if (flags.workers != 1) throw Error(ErrorCode::usage, "--workers goes with --consume");
}

int run_crew_trial(const CrewFlags& flags, Context& context) {
  const HandlerKit handlers(context, all_routes({}, context.settings()));
  return run_trial(handlers.registry(), crew_options(flags, context).runner, context);
}

pipeline::ConsumeOptions crew_options(const CrewFlags& flags, const Context& context) {
  ConsumeFlags consume;
  consume.topics = flags.topics;
  consume.workers = flags.workers;
  consume.no_create = flags.no_create;
  pipeline::ConsumeOptions options = consume_options(consume, context);
  options.client_id = "kbeat-serve";
  options.command = "serve";
  return options;
}

ServeCrew::ServeCrew(const CrewFlags& flags, Context& context, WatchKit& watchers)
    : m_flags(flags), m_context(context), m_watchers(watchers) {
  if (!flags.topics.empty()) {
    m_options = crew_options(flags, context);
    m_handlers = std::make_unique<HandlerKit>(context, all_routes({}, context.settings()));
    m_trial = open_trial();
  }
  const config::NotifySettings& notify = context.settings().notify;
  m_messenger = upkeep::make_messenger({.exec = notify.exec, .webhook = notify.webhook});
  static_cast<void>(config::schedules_in(context.config.lists));  // what is wrong with them is said now
}

ServeCrew::~ServeCrew() {
  stop();
}

void ServeCrew::start(std::function<void()> nudge_relay) {
  const std::lock_guard lock(m_mutex);
  m_nudge_relay = std::move(nudge_relay);
  const auto add = [this](const char* name, void (ServeCrew::*work)(std::stop_token)) {
    m_parts.push_back(std::make_unique<upkeep::SupervisedPart>(
        name, [this, work](std::stop_token stop) { (this->*work)(std::move(stop)); }, m_context.clock));
  };
  if (!m_flags.topics.empty()) add("consumers", &ServeCrew::consume);
  if (!m_flags.no_schedules) add("schedules", &ServeCrew::run_schedules);
  if (m_flags.auto_retry)
    m_retries = start_auto_retries(m_watchers.transport(), crew_options(m_flags, m_context), m_context);
}

std::vector<upkeep::PartState> ServeCrew::states() const {
  const std::lock_guard lock(m_mutex);
  std::vector<upkeep::PartState> states;
  for (const auto& part : m_parts) states.push_back(part->state());
  return states;
}

void ServeCrew::request_stop() {
  const std::lock_guard lock(m_mutex);
  for (const auto& part : m_parts) part->request_stop();
}

void ServeCrew::stop() {
  request_stop();
  std::vector<std::unique_ptr<upkeep::SupervisedPart>> ending;
  {
    const std::lock_guard lock(m_mutex);
    ending.swap(m_parts);
  }
  ending.clear();
  m_retries.clear();
}

void ServeCrew::consume(std::stop_token stop) {
  LoggedResults results;
  const auto open_store = [data_dir = m_options.data_dir] {
    return store::open_store(data_dir, store::OpenMode::read_write);
  };
  pipeline::ConsumeParts parts{m_watchers.transport(), open_store,         m_handlers->registry(), results,
                               m_context.clock,        m_watchers.watch(), m_trial.get()};
  parts.nudge_relay = m_nudge_relay;
  const pipeline::LetterKeeping keeping(m_watchers.transport(), open_store, {.timeout = m_options.timeout},
                                        m_context.clock);
  static_cast<void>(pipeline::ConsumeLoop(parts, m_options).run(std::move(stop)));
}

void ServeCrew::run_schedules(std::stop_token stop) {
  const upkeep::TaskParts tasks{m_context.settings().transport.data_dir, *m_messenger, m_context.clock};
  upkeep::Scheduler(
      {.data_dir = tasks.data_dir,
       .run_task = [&tasks](const config::ScheduleSettings& schedule, WallTime due,
                            std::stop_token end) { upkeep::run_scheduled_task(tasks, schedule, due, end); },
       .clock = m_context.clock,
       .told = log_event},
      config::schedules_in(m_context.config.lists))
      .run(std::move(stop));
}

}  // namespace kbeat::app
