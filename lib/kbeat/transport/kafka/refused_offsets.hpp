// Partitions whose next offset a broker refused, until it is known why.
#pragma once

#include <optional>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/transport/admin.hpp"

namespace kbeat::transport {

/// A leader that was elected just now knows only after a while how far its replicas agree, and one that slept
/// takes itself for the leader still: both refuse offsets that the log has. For one thread.
class RefusedOffsets {
 public:
  /// To be looked into at once, and again until it is settled.
  void add(const TopicPartition& partition, SteadyTime now);

  /// One that is to be looked into now; each comes up again after `k_between_end_looks`.
  [[nodiscard]] std::optional<TopicPartition> due(SteadyTime now);

  /// Whether an election may still be the reason.
  [[nodiscard]] bool is_recent(const TopicPartition& partition, SteadyTime now) const;

  void settle(const TopicPartition& partition);

 private:
  struct Entry {
    TopicPartition partition;
    SteadyTime since;
    SteadyTime next_look;
  };

  std::vector<Entry> m_entries;
};

}  // namespace kbeat::transport
