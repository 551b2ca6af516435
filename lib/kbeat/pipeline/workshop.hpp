// Where handlers run: threads that take runs of records, note what they work on and come back with outcomes.
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <vector>

#include "kbeat/pipeline/event_runner.hpp"
#include "kbeat/pipeline/executor.hpp"
#include "kbeat/pipeline/flight_recorder.hpp"
#include "kbeat/pipeline/lanes.hpp"
#include "kbeat/pipeline/trial.hpp"

namespace kbeat::pipeline {

struct WorkshopOptions {
  std::filesystem::path data_dir;
  store::Scope scope;
  std::size_t workers = 1;
  bool halt_on_reject = false;  ///< the first record that fails for good ends all work
  Trial* trial = nullptr;       ///< of suspects; outlives the workshop
  Milliseconds handler_timeout{300'000};
};

/// Used by the loop's thread; owns the workers.
class Workshop {
 public:
  Workshop(EventRunner runner, const WorkshopOptions& options);
  /// Names what is still being handled, which is stopped and comes again.
  ~Workshop();
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  void submit(std::vector<LaneRun> runs) { m_executor.submit(std::move(runs)); }
  [[nodiscard]] std::vector<LaneRun> collect() { return m_executor.collect(); }
  void wait(Milliseconds timeout) { m_executor.wait(timeout); }

  /// No worker begins another record; returns what none has begun.
  [[nodiscard]] std::vector<LaneRun> halt();

 private:
  void work_on(std::size_t worker, LaneRun& run, const std::stop_token& stop);
  void handle(Work& work, const std::stop_token& stop) const;
  void try_suspect(Work& work, const std::stop_token& stop) const;

  EventRunner m_runner;
  WorkshopOptions m_options;
  FlightRecorder m_recorder;
  std::atomic<bool> m_halted{false};
  Executor m_executor;  ///< last: its threads use all of the above
};

/// Why a record that crashed kbeat so often is a dead letter.
[[nodiscard]] std::string crash_reason(int crashes);

/// Counts what processes that are gone left in progress: every such record is a suspect, and one that
/// crashed its process while it ran alone has one crash more.
void note_interrupted(const std::filesystem::path& data_dir, store::OutcomeStore& outcomes);

}  // namespace kbeat::pipeline
