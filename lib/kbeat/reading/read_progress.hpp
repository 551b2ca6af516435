// How far each partition was read, and whether that is its end.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "kbeat/reading/read_range.hpp"
#include "kbeat/transport/consumer.hpp"

namespace kbeat::reading {

/// Counts positions, not records, so that markers, aborted and compacted records hold nothing up. For one
/// thread.
class ReadProgress {
 public:
  /// A partition that is read from now on, or from another place on.
  void add(const TopicPartition& partition, const Stretch& stretch);
  void remove(std::span<const TopicPartition> partitions);
  /// Ends a partition that had no end.
  void bound(const TopicPartition& partition, Offset end);
  [[nodiscard]] bool knows(const TopicPartition& partition) const;
  [[nodiscard]] bool has_end(const TopicPartition& partition) const;
  [[nodiscard]] std::vector<TopicPartition> partitions() const;

  /// Notes a record as read; false when it lies behind the partition's end, or the partition is not known.
  [[nodiscard]] bool take(const RecordView& record);
  /// Has the next take_read() tell where the partition begins, though nothing of it was read.
  void keep(const TopicPartition& partition) { m_entries.at(partition).read = true; }
  /// The record that take() took last is left for others: from now on take_read() never passes it.
  void leave_taken();
  /// Everything below `next` was delivered, is invisible, or lies behind the partition's end.
  void reached(const TopicPartition& partition, Offset next);

  /// Where a partition that is known goes on.
  [[nodiscard]] Offset next(const TopicPartition& partition) const { return m_entries.at(partition).next; }

  /// Every partition has an end and is there; true of none at all.
  [[nodiscard]] bool all_done() const { return m_open == 0; }
  /// Partitions that came to their ends since the last call.
  [[nodiscard]] std::vector<TopicPartition> take_done();

  /// What was read since the last call, to be committed.
  [[nodiscard]] std::vector<transport::CommittedPosition> take_read();
  /// What was read and not taken belongs to somebody else now.
  void forget_read();

 private:
  struct Entry {
    std::optional<Offset> end;
    Offset next;
    std::optional<Offset> left;  ///< the first that was left
    bool done = false;
    bool read = false;  ///< since take_read
  };

  void look_at(const TopicPartition& partition, Entry& entry);

  std::map<TopicPartition, Entry> m_entries;
  std::size_t m_open = 0;
  std::vector<TopicPartition> m_newly_done;
  std::map<TopicPartition, Entry>::iterator m_last = m_entries.end();
};

}  // namespace kbeat::reading
