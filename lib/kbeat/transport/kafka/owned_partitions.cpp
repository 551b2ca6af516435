// The account of a consumer's partitions.
#include "kbeat/transport/kafka/owned_partitions.hpp"

namespace kbeat::transport {

void OwnedPartitions::place(std::span<const Position> positions) {
  m_last_handle = nullptr;
  for (const Position& position : positions) m_entries[position.partition].next = position.next;
}

void OwnedPartitions::remove(std::span<const TopicPartition> partitions) {
  m_last_handle = nullptr;
  for (const TopicPartition& partition : partitions) m_entries.erase(partition);
}

void OwnedPartitions::clear() {
  m_last_handle = nullptr;
  m_entries.clear();
}

bool OwnedPartitions::accept(const rd_kafka_message_t& message) {
  if (message.rkt != m_last_handle || message.partition != m_last_partition) {
    m_last_handle = message.rkt;
    m_last_partition = message.partition;
    m_last_topic = rd_kafka_topic_name(message.rkt);
    const auto found = m_entries.find({TopicName{std::string(m_last_topic)}, Partition{message.partition}});
    m_last_entry = found == m_entries.end() ? nullptr : &found->second;
  }
  if (m_last_entry == nullptr || message.offset < m_last_entry->next.get()) return false;
  m_last_entry->next = Offset{message.offset + 1};
  return true;
}

bool OwnedPartitions::reach(const Position& end) {
  const auto found = m_entries.find(end.partition);
  if (found == m_entries.end() || found->second.next > end.next) return false;
  found->second.next = end.next;
  return true;
}

Offset OwnedPartitions::next(const TopicPartition& partition) const {
  const auto found = m_entries.find(partition);
  return found == m_entries.end() ? Offset{-1} : found->second.next;
}

std::vector<Position> OwnedPartitions::positions() const {
  std::vector<Position> positions;
  positions.reserve(m_entries.size());
  for (const auto& [partition, entry] : m_entries) positions.push_back({partition, entry.next});
  return positions;
}

std::vector<Position> OwnedPartitions::running() const {
  std::vector<Position> positions;
  for (const auto& [partition, entry] : m_entries) {
    if (entry.flow == Flow::running) positions.push_back({partition, entry.next});
  }
  return positions;
}

std::vector<TopicPartition> OwnedPartitions::change_flow(std::span<const TopicPartition> partitions,
                                                         Flow flow) {
  std::vector<TopicPartition> changed;
  for (const TopicPartition& partition : partitions) {
    const auto found = m_entries.find(partition);
    if (found == m_entries.end() || found->second.flow == flow) continue;
    found->second.flow = flow;
    changed.push_back(partition);
  }
  return changed;
}

}  // namespace kbeat::transport
