// Puts the records of several partitions into one order by time.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "kbeat/model/record_batch.hpp"

namespace kbeat::reading {

/// The order of each partition is kept; between partitions the older record comes first, then the lower topic
/// and partition. A record comes out once every partition has one to compare it with, or has none for now.
/// Holds the batches of the records that wait. For one thread.
class TimeMerge {
 public:
  void add(const TopicPartition& partition);
  void remove(const TopicPartition& partition);
  /// Takes the records of partitions that were added for which `wanted` holds.
  void push(const RecordBatch& batch, const std::function<bool(const RecordView&)>& wanted);
  /// Nothing more comes from the partition just now: the others need not wait for it.
  void at_end(const TopicPartition& partition);

  /// Hands out what is in order, until `take` returns false.
  void drain(const std::function<bool(const RecordView&)>& take);

  /// Partitions with more bytes waiting than their share of `budget`, and all others.
  struct Crowding {
    std::vector<TopicPartition> crowded;
    std::vector<TopicPartition> free;
  };
  [[nodiscard]] Crowding crowding(std::size_t budget) const;

 private:
  struct Waiting {
    RecordView record;
    std::shared_ptr<const void> memory;
  };
  struct Lane {
    TopicPartition partition;
    std::deque<Waiting> waiting;
    std::size_t bytes = 0;
    bool ended = false;
  };

  [[nodiscard]] Lane* find(std::string_view topic, Partition partition);
  void add_head(Lane& lane);
  [[nodiscard]] static bool comes_later(const Lane* a, const Lane* b);

  std::vector<std::unique_ptr<Lane>> m_lanes;
  std::vector<Lane*> m_heap;  ///< lanes with records, the one whose record comes first in front
  std::size_t m_silent = 0;   ///< lanes without a record that are not at their end
};

}  // namespace kbeat::reading
