// Batches: built from finished work, committed whole, reported after.
#include "kbeat/pipeline/committer.hpp"

#include <algorithm>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/model/names.hpp"
#include "kbeat/pipeline/identity.hpp"
#include "kbeat/pipeline/letters.hpp"
#include "kbeat/pipeline/record_mark.hpp"

namespace kbeat::pipeline {
namespace {

/// A retried or replayed event may have been edited: the same id with other bytes is meant.
bool may_differ(const RecordView& record) {
  return find_header(record.headers, names::k_retry_of) != nullptr ||
         find_header(record.headers, names::k_retry_group) != nullptr;
}

}  // namespace

Committer::Committer(store::OutcomeStore& store, const store::Scope& scope, const ConsumeOptions& options,
                     ResultSink& sink, Clock& clock)
    : m_store(store), m_scope(scope), m_options(options), m_sink(sink), m_clock(clock) {}

void Committer::add(std::unique_ptr<Work> work) {
  m_counts.retries += static_cast<std::uint64_t>(std::max(work->attempts - 1, 0));
  sort_in(std::move(work));
}

void Committer::sort_in(std::unique_ptr<Work> work) {
  if (work->partition->hold != Hold::owned) return m_held_back.push_back(std::move(work));
  if (m_finished.empty()) m_first = m_clock.steady();
  m_finished.push_back(std::move(work));
}

void Committer::ownership_changed() {
  for (Finished& all : {std::ref(m_finished), std::ref(m_held_back)}) {
    Finished unsorted = std::exchange(all, {});
    for (std::unique_ptr<Work>& work : unsorted) sort_in(std::move(work));
  }
}

bool Committer::due() const {
  if (m_finished.empty()) return false;
  return m_finished.size() >= m_options.batch.size || m_clock.steady() - m_first >= m_options.batch.timeout;
}

/// It borrows from the work, which stays until the batch is committed.
store::FinishedRecord Committer::finished(const Work& work, std::size_t progress) const {
  store::FinishedRecord record{
      .progress = progress, .offset = work.record.offset, .what = store::FinishedSkip{}};
  if (const Reject* reject = std::get_if<Reject>(&*work.outcome)) {
    record.what =
        store::FinishedLetter{make_letter(work, *reject, m_scope, m_options.letters, m_clock.now())};
  } else if (work.unhandled == Unhandled::no && !work.handler.empty()) {
    record.what = store::FinishedDone{.handler = work.handler,
                                      .identity = work.identity,
                                      .value_hash = work.value_hash,
                                      .origin = event_origin(work.record),
                                      .effects = std::get<Done>(*work.outcome).effects,
                                      .may_differ = m_options.force || may_differ(work.record),
                                      .force = m_options.force};
  }
  return record;
}

store::Batch Committer::build(std::size_t size, const Partitions& partitions) {
  store::Batch batch{
      .scope = m_scope, .marks_of = m_options.marks_of, .progress = {}, .records = {}, .letter_for = {}};
  for (std::size_t i = 0; i < size; ++i) m_finished[i]->partition->batch(m_finished[i]->record.offset);
  for (std::size_t i = 0; i < size; ++i) {
    const Work& work = *m_finished[i];
    if (work.partition->may_be_last(work.record.offset)) work.partition->mark(mark_of(work.record));
  }
  std::vector<const PartitionState*> states;
  for (const auto& [name, state] : partitions) {
    if (!state->can_advance() && !state->has_batched()) continue;
    const PartitionState::Progress progress = state->progress();
    batch.progress.push_back(
        {.partition = name, .epoch = state->epoch(), .next = progress.next, .mark = progress.mark});
    states.push_back(state.get());
  }
  batch.records.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    const auto state = std::find(states.begin(), states.end(), m_finished[i]->partition.get());
    batch.records.push_back(finished(*m_finished[i], static_cast<std::size_t>(state - states.begin())));
  }
  batch.letter_for = [this, &batch](const store::FinishedRecord& record, const Error& error) {
    const auto index = static_cast<std::size_t>(&record - batch.records.data());
    const Work& work = *m_finished.at(index);
    return make_letter(work, {FailureCategory::processing, error.what()}, m_scope, m_options.letters,
                       m_clock.now());
  };
  return batch;
}

std::vector<TopicPartition> Committer::commit(const Partitions& partitions) {
  const std::size_t size = std::min(m_finished.size(), m_options.batch.size);
  store::Batch batch = build(size, partitions);
  if (batch.records.empty() && batch.progress.empty()) return {};
  store::CommitReport report;
  try {
    report = m_store.commit(batch);
  } catch (const Error&) {
    for (const auto& [name, state] : partitions) state->batch_failed();
    throw;
  }
  for (const auto& [name, state] : partitions) {
    const bool fenced = std::find(report.fenced.begin(), report.fenced.end(), name) != report.fenced.end();
    if (!fenced) state->batch_committed();
  }
  settle(size, report);
  return report.fenced;
}

void Committer::settle(std::size_t size, const store::CommitReport& report) {
  m_lines.clear();
  for (std::size_t i = 0; i < size; ++i) {
    const Work& work = *m_finished.front();
    const store::AppliedRecord& applied = report.records[i];
    count(work, applied);
    if (applied.applied != store::Applied::fenced) m_durations.push_back(work.took);
    if (applied.applied != store::Applied::fenced) append_result_line(m_lines, work, applied);
    m_finished.pop_front();
  }
  if (!m_lines.empty()) m_sink.write(m_lines);
  if (!m_finished.empty()) m_first = m_clock.steady();
}

void Committer::count(const Work& work, const store::AppliedRecord& applied) {
  switch (applied.applied) {
    case store::Applied::duplicate: ++m_counts.duplicates; return;
    case store::Applied::superseded: ++m_counts.superseded; [[fallthrough]];
    case store::Applied::applied: ++m_counts.done; return;
    case store::Applied::dead_letter: ++m_counts.dead_letters; return;
    case store::Applied::skipped:
      ++(work.unhandled == Unhandled::no ? m_counts.skipped : m_counts.unhandled);
      return;
    case store::Applied::fenced: ++m_counts.fenced; return;
  }
}

std::vector<std::chrono::nanoseconds> Committer::take_durations() {
  return std::exchange(m_durations, {});
}

void Committer::drop(const PartitionState* partition) {
  const auto is_of = [partition](const auto& work) { return work->partition.get() == partition; };
  std::erase_if(m_finished, is_of);
  std::erase_if(m_held_back, is_of);
}

}  // namespace kbeat::pipeline
