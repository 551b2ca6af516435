// One entry a partition; the last one looked up is at hand for the next record.
#include "kbeat/reading/read_progress.hpp"

#include <algorithm>
#include <utility>

namespace kbeat::reading {

void ReadProgress::add(const TopicPartition& partition, const Stretch& stretch) {
  remove({&partition, 1});
  Entry& entry = m_entries[partition];
  entry = {.end = stretch.end, .next = stretch.begin, .left = std::nullopt};
  ++m_open;
  look_at(partition, entry);
}

void ReadProgress::remove(std::span<const TopicPartition> partitions) {
  for (const TopicPartition& partition : partitions) {
    const auto found = m_entries.find(partition);
    if (found == m_entries.end()) continue;
    if (!found->second.done) --m_open;
    m_entries.erase(found);
  }
  m_last = m_entries.end();
}

void ReadProgress::bound(const TopicPartition& partition, Offset end) {
  Entry& entry = m_entries.at(partition);
  entry.end = end;
  look_at(partition, entry);
}

bool ReadProgress::knows(const TopicPartition& partition) const {
  return m_entries.contains(partition);
}

bool ReadProgress::has_end(const TopicPartition& partition) const {
  const auto found = m_entries.find(partition);
  return found != m_entries.end() && found->second.end;
}

std::vector<TopicPartition> ReadProgress::partitions() const {
  std::vector<TopicPartition> all;
  for (const auto& [partition, entry] : m_entries) all.push_back(partition);
  return all;
}

bool ReadProgress::take(const RecordView& record) {
  const bool same = m_last != m_entries.end() && m_last->first.partition == record.partition &&
                    m_last->first.topic.get() == record.topic;
  if (!same) m_last = m_entries.find({TopicName{std::string(record.topic)}, record.partition});
  if (m_last == m_entries.end()) return false;
  Entry& entry = m_last->second;
  if (entry.done) return false;
  const bool inside = !entry.end || record.offset < *entry.end;
  entry.next = Offset{record.offset.get() + 1};
  entry.read = entry.read || inside;
  if (entry.end) look_at(m_last->first, entry);
  return inside;
}

void ReadProgress::leave_taken() {
  Entry& entry = m_last->second;
  if (!entry.left) entry.left = Offset{entry.next.get() - 1};
}

void ReadProgress::reached(const TopicPartition& partition, Offset next) {
  const auto found = m_entries.find(partition);
  if (found == m_entries.end() || found->second.done) return;
  Entry& entry = found->second;
  if (next > entry.next) {
    entry.next = next;
    entry.read = true;
  }
  look_at(partition, entry);
}

void ReadProgress::look_at(const TopicPartition& partition, Entry& entry) {
  if (entry.done || !entry.end || entry.next < *entry.end) return;
  entry.next = *entry.end;  // what lies behind was not read
  entry.done = true;
  --m_open;
  m_newly_done.push_back(partition);
}

std::vector<TopicPartition> ReadProgress::take_done() {
  return std::exchange(m_newly_done, {});
}

std::vector<transport::CommittedPosition> ReadProgress::take_read() {
  std::vector<transport::CommittedPosition> positions;
  for (auto& [partition, entry] : m_entries) {
    if (std::exchange(entry.read, false))
      positions.push_back({.partition = partition,
                           .next = std::min(entry.next, entry.left.value_or(entry.next)),
                           .metadata = {}});
  }
  return positions;
}

void ReadProgress::forget_read() {
  for (auto& [partition, entry] : m_entries) entry.read = false;
}

}  // namespace kbeat::reading
