// Gathers finished records and writes them as batches: one transaction each, then the result lines.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kbeat/pipeline/consume_options.hpp"
#include "kbeat/pipeline/partition_state.hpp"
#include "kbeat/pipeline/result_line.hpp"
#include "kbeat/store/outcomes.hpp"

namespace kbeat::pipeline {

using Partitions = std::map<TopicPartition, std::shared_ptr<PartitionState>>;

/// Used by the loop's thread.
class Committer {
 public:
  Committer(store::OutcomeStore& store, const store::Scope& scope, const ConsumeOptions& options,
            ResultSink& sink, Clock& clock);

  /// Takes a record whose outcome is Done or Reject.
  void add(std::unique_ptr<Work> work);

  /// A batch is full, or its first record has waited long enough.
  [[nodiscard]] bool due() const;
  [[nodiscard]] bool empty() const { return m_finished.empty() && m_held_back.empty(); }
  /// Records that the next batches will take.
  [[nodiscard]] std::size_t waiting() const { return m_finished.size(); }

  /// To be called when partitions were revoked or came back: finished work of a partition that is not owned
  /// waits, because the group may be giving it to a process with another store.
  void ownership_changed();

  /// Writes one batch, and the progress of partitions that can advance past invisible records. Returns the
  /// partitions that another process owns now; their records were dropped. Throws a retryable Error when the
  /// database cannot take it now: nothing is lost, call again later.
  [[nodiscard]] std::vector<TopicPartition> commit(const Partitions& partitions);

  /// Forgets finished records of a partition that is no longer ours.
  void drop(const PartitionState* partition);

  [[nodiscard]] const ConsumeCounts& counts() const { return m_counts; }
  void count_read() { ++m_counts.read; }
  /// Times in the handler of events committed since the last call.
  [[nodiscard]] std::vector<std::chrono::nanoseconds> take_durations();

 private:
  void sort_in(std::unique_ptr<Work> work);
  [[nodiscard]] store::FinishedRecord finished(const Work& work, std::size_t progress) const;
  [[nodiscard]] store::Batch build(std::size_t size, const Partitions& partitions);
  void settle(std::size_t size, const store::CommitReport& report);
  void count(const Work& work, const store::AppliedRecord& applied);

  store::OutcomeStore& m_store;
  store::Scope m_scope;
  const ConsumeOptions& m_options;
  ResultSink& m_sink;
  Clock& m_clock;
  using Finished = std::deque<std::unique_ptr<Work>>;
  Finished m_finished;
  Finished m_held_back;
  SteadyTime m_first;
  ConsumeCounts m_counts;
  std::string m_lines;  ///< of the batch that was committed last
  std::vector<std::chrono::nanoseconds> m_durations;
};

}  // namespace kbeat::pipeline
