// One partition that is being consumed: what was read, what is finished, how far it is safe to say "done".
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <vector>

#include "kbeat/model/record.hpp"
#include "kbeat/store/positions.hpp"

namespace kbeat::pipeline {

/// Revoked is what the next assignment may bring back; lost is another process's, or will be.
enum class Hold : std::uint8_t { owned, revoked, lost };

/// Offsets between `next` (the lowest unfinished one) and the newest read, each open, finished or committed.
/// Not safe for several threads.
class PartitionState {
 public:
  explicit PartitionState(const store::StoredPosition& position);

  [[nodiscard]] const TopicPartition& partition() const { return m_partition; }
  [[nodiscard]] bool reads(const RecordView& record) const {
    return m_partition.partition == record.partition && m_partition.topic.get() == record.topic;
  }
  [[nodiscard]] std::int64_t epoch() const { return m_epoch; }
  [[nodiscard]] std::int64_t generation() const { return m_generation; }
  [[nodiscard]] std::int64_t incarnation() const { return m_incarnation; }
  /// What the store holds: everything below is committed.
  [[nodiscard]] Offset next() const { return m_next; }
  /// Of the last record handled below it.
  [[nodiscard]] const std::optional<store::RecordMark>& last_mark() const { return m_mark; }
  /// Where fetching goes on when it has to begin again.
  [[nodiscard]] Offset read_up_to() const;
  /// Records read and not yet below `next`.
  [[nodiscard]] std::size_t ahead() const { return m_slots.size(); }

  /// Notes a record read; false when it was finished before (or is below `next`) and needs no work, or lies
  /// behind the stop and is left for another run.
  [[nodiscard]] bool arrived(Offset offset);
  /// Everything below `next` was read, is invisible, or lies behind the stop.
  void end_reached(Offset next);
  /// The record's outcome goes into the batch being built.
  void batch(Offset offset);
  /// True when no finished record follows at once, so that the position may come to stand behind this one:
  /// then it needs a mark.
  [[nodiscard]] bool may_be_last(Offset offset);
  void mark(store::RecordMark mark);

  /// Where `next` will be, with its mark, once the batch is committed.
  struct Progress {
    Offset next;
    std::optional<store::RecordMark> mark;
  };
  [[nodiscard]] Progress progress() const;
  /// True while a batch is being built or written.
  [[nodiscard]] bool has_batched() const { return !m_batched.empty(); }
  /// True when `next` can move although no record is in the batch: past control records.
  [[nodiscard]] bool can_advance() const { return progress().next > m_next; }
  void batch_committed();
  void batch_failed();

  /// Nothing from `end` on is taken, and the position never passes it; the nearest of several stops counts.
  void stop_at(Offset end);
  [[nodiscard]] bool at_stop() const { return m_end && m_next >= *m_end; }

  bool paused = false;
  Hold hold = Hold::owned;

 private:
  enum class Fate : std::uint8_t { open, batched, committed };
  struct Slot {
    Offset offset;
    Fate fate = Fate::open;
    store::RecordMark mark;
  };

  Slot* find(Offset offset);
  void settle_batched(Fate fate);

  TopicPartition m_partition;
  std::int64_t m_epoch;
  std::int64_t m_generation;
  std::int64_t m_incarnation;
  Offset m_next;
  Offset m_seen;  ///< everything below was read or is invisible
  std::optional<store::RecordMark> m_mark;
  std::set<std::int64_t> m_finished_before;
  std::deque<Slot> m_slots;
  std::vector<Offset> m_batched;
  std::optional<Offset> m_end;
};

}  // namespace kbeat::pipeline
