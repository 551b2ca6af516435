// A short list: an election refuses a handful of partitions at a time.
#include "kbeat/transport/kafka/refused_offsets.hpp"

#include <algorithm>

namespace kbeat::transport {

void RefusedOffsets::add(const TopicPartition& partition, SteadyTime now) {
  settle(partition);
  m_entries.push_back({partition, now, now});
}

std::optional<TopicPartition> RefusedOffsets::due(SteadyTime now) {
  const auto found = std::find_if(m_entries.begin(), m_entries.end(),
                                  [now](const Entry& entry) { return entry.next_look <= now; });
  if (found == m_entries.end()) return std::nullopt;
  found->next_look = now + k_between_end_looks;
  return found->partition;
}

bool RefusedOffsets::is_recent(const TopicPartition& partition, SteadyTime now) const {
  return std::any_of(m_entries.begin(), m_entries.end(), [&](const Entry& entry) {
    return entry.partition == partition && now < entry.since + k_longest_election;
  });
}

void RefusedOffsets::settle(const TopicPartition& partition) {
  std::erase_if(m_entries, [&](const Entry& entry) { return entry.partition == partition; });
}

}  // namespace kbeat::transport
