// Workers over runs of records, with their notes for the case of a crash.
#include "kbeat/pipeline/workshop.hpp"

#include <utility>

#include "kbeat/base/log.hpp"
#include "kbeat/pipeline/partition_state.hpp"
#include "kbeat/store/outcomes.hpp"

namespace kbeat::pipeline {

Workshop::Workshop(EventRunner runner, const WorkshopOptions& options)
    : m_runner(std::move(runner)),
      m_options(options),
      m_recorder(options.data_dir, options.scope, options.workers),
      m_executor(options.workers, [this](std::size_t worker, LaneRun& run, const std::stop_token& stop) {
        work_on(worker, run, stop);
      }) {}

Workshop::~Workshop() {
  m_halted.store(true);
  for (const auto& [partition, offset] : m_recorder.in_progress())
    log_warning("{} offset {} is not finished in time and is given up: it is handled again by the next start",
                to_string(partition), offset.get());
}

std::vector<LaneRun> Workshop::halt() {
  m_halted.store(true);
  return m_executor.recall();
}

void Workshop::work_on(std::size_t worker, LaneRun& run, const std::stop_token& stop) {
  for (std::unique_ptr<Work>& work : run) {
    if (m_halted.load(std::memory_order_relaxed)) return;
    m_recorder.begin(worker, work->record, work->suspect);
    handle(*work, stop);
    m_recorder.end(worker);
    if (!work->outcome) return;  // it backs off, and its lane waits with it
    if (m_options.halt_on_reject && std::holds_alternative<Reject>(*work->outcome)) m_halted.store(true);
  }
}

void Workshop::handle(Work& work, const std::stop_token& stop) const {
  if (work.suspect && m_options.trial != nullptr) try_suspect(work, stop);
  if (!work.outcome && !stop.stop_requested()) m_runner.run(work, stop);
}

void Workshop::try_suspect(Work& work, const std::stop_token& stop) const {
  const SteadyTime deadline = SystemClock().steady() + m_options.handler_timeout;
  try {
    while (m_options.trial->run(work.record, deadline, stop) == TrialEnd::crashed) {
      ++work.crashes;
      log_warning("{} offset {} crashed the process that tried it ({} so far)",
                  to_string(work.partition->partition()), work.record.offset.get(), work.crashes);
      if (work.crashes < k_most_crashes) continue;
      work.attempts = work.crashes;
      work.outcome = Reject{FailureCategory::crash, crash_reason(work.crashes)};
      return;
    }
  } catch (const Error& error) {
    log_warning("{} offset {} is handled without a trial: {}", to_string(work.partition->partition()),
                work.record.offset.get(), error.what());
  }
}

std::string crash_reason(int crashes) {
  return fmt::format("it crashed kbeat {} times", crashes);
}

void note_interrupted(const std::filesystem::path& data_dir, store::OutcomeStore& outcomes) {
  for (const Interrupted& record : take_interrupted(data_dir)) {
    const bool counts = record.alone && record.crashed;
    const int crashes =
        outcomes.note_crash({record.cluster, record.group}, record.partition, record.offset, counts);
    log_warning("{} offset {} was in progress when a former process ended{}; it is tried alone",
                to_string(record.partition), record.offset.get(),
                counts ? fmt::format(" by a crash of its own making ({} so far)", crashes) : "");
  }
}

}  // namespace kbeat::pipeline
