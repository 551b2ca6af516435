// Positions compared with those of before.
#include "kbeat/transport/kafka/silence_watch.hpp"

namespace kbeat::transport {

std::vector<Position> SilenceWatch::silent(const OwnedPartitions& owned, SteadyTime now) {
  std::vector<Position> found;
  if (now < m_next_look) return found;
  m_next_look = now + k_patience / 10;
  std::map<TopicPartition, Entry> seen;
  for (const Position& position : owned.running()) {
    const auto before = m_entries.find(position.partition);
    const bool moved = before == m_entries.end() || before->second.next != position.next;
    Entry entry{position.next, moved ? now : before->second.since};
    if (now - entry.since >= k_patience) {
      found.push_back(position);
      entry.since = now;
    }
    seen.emplace(position.partition, entry);
  }
  m_entries = std::move(seen);
  return found;
}

}  // namespace kbeat::transport
