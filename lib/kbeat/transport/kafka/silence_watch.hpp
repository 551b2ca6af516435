// Notices partitions that stopped coming although nobody paused them.
#pragma once

#include <map>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/transport/kafka/owned_partitions.hpp"

namespace kbeat::transport {

/// librdkafka may leave a partition paused, or without a fetch, for good. For one thread.
class SilenceWatch {
 public:
  static constexpr std::chrono::seconds k_patience{30};

  /// Positions of running partitions that have not moved for `k_patience`, each once in such a while; whether
  /// there is anything to come has to be asked. Looks only now and then.
  [[nodiscard]] std::vector<Position> silent(const OwnedPartitions& owned, SteadyTime now);

 private:
  struct Entry {
    Offset next;
    SteadyTime since;
  };

  std::map<TopicPartition, Entry> m_entries;
  SteadyTime m_next_look;
};

}  // namespace kbeat::transport
