// The scheduler's turns: what is due is begun, what runs keeps its lease, what ended is noted.
#include "kbeat/upkeep/scheduler.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"

namespace kbeat::upkeep {
namespace {

constexpr Milliseconds k_look_every{250};
constexpr Milliseconds k_renew_every{4000};

std::string process_name() {
  return fmt::format("{}-{}", ::getpid(), std::chrono::steady_clock::now().time_since_epoch().count());
}

}  // namespace

/// One task under way.
struct Scheduler::Running {
  store::ScheduleRows::Run run;
  SteadyTime renewed;
  std::string error;
  std::atomic<bool> ended{false};
  std::jthread thread;  ///< last: it uses all of the above

  void work(const RunTask& task, const config::ScheduleSettings& settings, std::stop_token stop) {
    try {
      task(settings, run.due, std::move(stop));
    } catch (const std::exception& failure) {
      error = failure.what();
      if (error.empty()) error = "failed";
    }
    ended = true;
  }
};

Scheduler::Scheduler(SchedulerParts parts, std::vector<config::ScheduleSettings> schedules)
    : m_parts(std::move(parts)), m_owner(process_name()), m_rows(m_parts.data_dir) {
  const WallTime now = m_parts.clock.now();
  for (config::ScheduleSettings& schedule : schedules) {
    DueTimes times(schedule);
    if (!times.next(now)) {
      throw Error(ErrorCode::configuration,
                  fmt::format("{}: schedule \"{}\" is never due", schedule.place, schedule.name));
    }
    m_entries.push_back({std::move(schedule), std::move(times), now, {}});
  }
}

Scheduler::~Scheduler() = default;

void Scheduler::run(std::stop_token stop) {
  for (Entry& entry : m_entries) {
    m_rows.set_start(entry.settings.name, entry.last);
    entry.last = m_rows.read(entry.settings.name).last_due.value_or(entry.last);
  }
  while (!stop.stop_requested()) {
    try {
      // What ended is noted first: its end would end the lease of a run that is begun now.
      tend();
      for (Entry& entry : m_entries) {
        if (entry.settings.enabled) look(entry);
      }
    } catch (const Error& error) {
      if (!error.retryable()) throw;
      log_warning("schedules wait: {}", error.what());
    }
    if (m_parts.turned) m_parts.turned();
    m_parts.clock.wait(k_look_every, stop);
  }
  end_all();
}

void Scheduler::end_all() {
  for (auto& running : m_running) running->thread.request_stop();
  for (auto& running : m_running) {
    try {
      finish(*running);
    } catch (const Error& error) {
      log_warning("schedule {}: its end is not noted: {}", running->run.name, error.what());
    }
  }
  m_running.clear();
}

void Scheduler::look(Entry& entry) {
  const WallTime now = m_parts.clock.now();
  begin_waiting(entry, now);
  if (find_due(entry, now)) begin_waiting(entry, now);
}

bool Scheduler::find_due(Entry& entry, WallTime now) {
  const bool behind = !entry.waiting.empty();
  const std::vector<WallTime> found = entry.times.due(entry.last, now);
  for (const WallTime due : found) {
    Standing standing = Standing::punctual;
    if (entry.settings.overlap == config::Overlap::wait) {
      standing = Standing::waits;
    } else if (entry.settings.missed == config::Missed::all) {
      const bool passed_unseen = is_missed(due, now) || (!behind && due != found.front());
      standing = passed_unseen ? Standing::waits : behind ? Standing::overtaken : Standing::punctual;
    }
    entry.waiting.push_back({due, standing});
  }
  if (const auto next = entry.times.next(entry.last); next && *next <= now) entry.last = now;
  return !found.empty();
}

void Scheduler::begin_waiting(Entry& entry, WallTime now) {
  while (!entry.waiting.empty()) {
    const auto [due, standing] = entry.waiting.front();
    const store::ScheduleRows::Run run{.name = entry.settings.name, .owner = m_owner, .due = due};
    const store::Began began =
        standing == Standing::overtaken ? store::Began::running : m_rows.begin(run, now);
    if (began == store::Began::running && standing == Standing::waits) {
      // One that waits is enough: more would only run one after the other later.
      if (entry.settings.missed != config::Missed::all && entry.waiting.size() > 1)
        entry.waiting = {entry.waiting.back()};
      return;
    }
    if (began == store::Began::running && m_rows.skip(run))
      m_parts.told({entry.settings.name, due, "skipped", "the former run goes on"});
    entry.waiting.erase(entry.waiting.begin());
    if (began == store::Began::yes) begin(entry, due);
  }
}

void Scheduler::begin(Entry& entry, WallTime due) {
  m_parts.told({entry.settings.name, due, "begun", {}});
  auto running = std::make_unique<Running>();
  running->run = {.name = entry.settings.name, .owner = m_owner, .due = due};
  running->renewed = m_parts.clock.steady();
  Running& task = *running;
  m_running.push_back(std::move(running));
  task.thread = std::jthread([this, &task, &settings = entry.settings](std::stop_token stop) {
    task.work(m_parts.run_task, settings, std::move(stop));
  });
}

void Scheduler::tend() {
  const SteadyTime now = m_parts.clock.steady();
  for (auto it = m_running.begin(); it != m_running.end();) {
    Running& running = **it;
    if (running.ended) {
      finish(running);
      it = m_running.erase(it);
      continue;
    }
    if (now - running.renewed >= k_renew_every) {
      running.renewed = now;
      if (!m_rows.renew(running.run, m_parts.clock.now()))
        log_warning("schedule {}: another process began it meanwhile", running.run.name);
    }
    ++it;
  }
}

void Scheduler::finish(Running& running) {
  if (running.thread.joinable()) running.thread.join();
  m_rows.end(running.run, m_parts.clock.now(), running.error);
  const bool failed = !running.error.empty();
  m_parts.told({running.run.name, running.run.due, failed ? "failed" : "done", running.error});
}

ScheduleEvent Scheduler::run_now(const std::string& name, std::stop_token stop) {
  const auto entry = std::find_if(m_entries.begin(), m_entries.end(),
                                  [&](const Entry& one) { return one.settings.name == name; });
  if (entry == m_entries.end())
    throw Error(ErrorCode::not_found, fmt::format("there is no schedule \"{}\": kbeat schedule list", name));
  const WallTime now = m_parts.clock.now();
  const store::ScheduleRows::Run run{.name = name, .owner = m_owner, .due = now};
  if (m_rows.begin(run, now) != store::Began::yes)
    throw Error(ErrorCode::busy, fmt::format("schedule \"{}\" runs already, in another process", name));
  Running running;
  running.run = run;
  running.renewed = m_parts.clock.steady();
  running.thread = std::jthread(
      [&](std::stop_token own) { running.work(m_parts.run_task, entry->settings, std::move(own)); });
  const std::stop_callback ask(stop, [&] { running.thread.request_stop(); });
  while (!running.ended) {
    m_parts.clock.wait(Milliseconds{20}, {});
    if (m_parts.clock.steady() - running.renewed < k_renew_every) continue;
    running.renewed = m_parts.clock.steady();
    m_rows.renew(run, m_parts.clock.now());
  }
  running.thread.join();
  m_rows.end(run, m_parts.clock.now(), running.error);
  return {name, now, running.error.empty() ? "done" : "failed", running.error};
}

}  // namespace kbeat::upkeep
