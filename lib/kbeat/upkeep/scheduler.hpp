// Runs schedules: each due moment once, in one of all processes that run them.
#pragma once

#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "kbeat/store/schedule_rows.hpp"
#include "kbeat/upkeep/due_times.hpp"

namespace kbeat::upkeep {

/// Does a schedule's work; throws Error saying what failed. Called from a thread of its own.
using RunTask = std::function<void(const config::ScheduleSettings&, WallTime due, std::stop_token)>;

/// What was begun, passed over or ended, for whoever wants to print it.
struct ScheduleEvent {
  std::string schedule;
  WallTime due;
  std::string outcome;  ///< begun, skipped, done, failed
  std::string error;
};

struct SchedulerParts {
  std::filesystem::path data_dir;
  RunTask run_task;
  Clock& clock;
  std::function<void(const ScheduleEvent&)> told;  ///< from the thread of `run`
  std::function<void()> turned{};                  ///< a few times a second, as long as `run` goes on
};

/// Owns a thread for each task that runs. The state lies in the store, so that several schedulers share the
/// schedules and a new one knows what was missed.
class Scheduler {
 public:
  /// Those of the schedules that are enabled. Throws Error{configuration} for one that can never be due.
  Scheduler(SchedulerParts parts, std::vector<config::ScheduleSettings> schedules);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Until `stop` is requested; tasks that run are asked to end and waited for.
  void run(std::stop_token stop);
  /// One schedule at once, whatever its moments. Returns its outcome.
  ScheduleEvent run_now(const std::string& name, std::stop_token stop);

 private:
  /// What becomes of a due moment that finds a run going on.
  enum class Standing {
    punctual,   ///< skipped
    waits,      ///< begun when that run has ended
    overtaken,  ///< skipped: it fell due while those before it waited for a run's end
  };
  struct Moment {
    WallTime due;
    Standing standing;
  };
  struct Entry {
    config::ScheduleSettings settings;
    DueTimes times;
    WallTime last;
    std::vector<Moment> waiting;  ///< due moments that are not dealt with yet, oldest first
  };
  struct Running;

  void look(Entry& entry);
  /// Lines up what fell due; false when nothing did.
  bool find_due(Entry& entry, WallTime now);
  void begin_waiting(Entry& entry, WallTime now);
  void begin(Entry& entry, WallTime due);
  void tend();
  void end_all();
  /// Notes the end of one. When it throws Error{busy}, it may be called again.
  void finish(Running& running);

  SchedulerParts m_parts;
  std::string m_owner;
  store::ScheduleRows m_rows;
  std::vector<Entry> m_entries;
  std::list<std::unique_ptr<Running>> m_running;
};

}  // namespace kbeat::upkeep
