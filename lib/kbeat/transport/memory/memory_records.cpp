// Stored batches and producers in memory.
#include <algorithm>

#include "kbeat/base/error.hpp"
#include "kbeat/transport/local/cleaning.hpp"
#include "kbeat/transport/memory/memory_ledger.hpp"

namespace kbeat::transport::memory {
namespace {

using local::Appended;
using local::StoredBatch;

/// The first batch that ends at or after `offset`.
auto find_batch(const StoredPartition& partition, Offset offset) {
  return std::partition_point(partition.batches.begin(), partition.batches.end(),
                              [&](const StoredBatch& batch) { return batch.last < offset; });
}

Appended store(MemoryState& state, const local::NewBatch& batch) {
  Appended answer;
  const auto found = state.partitions.find(batch.partition);
  if (found == state.partitions.end()) {
    answer.fate = Appended::Fate::topic_gone;
    return answer;
  }
  StoredPartition& partition = found->second;
  const auto known = [&](const std::string& store) -> local::SequenceSet& { return state.outbox[store]; };
  StoredBatch stored = local::place_batch(batch, partition.next, known, answer);
  if (!stored.bytes) return answer;
  partition.next = Offset{partition.next.get() + batch.records};
  partition.batches.push_back(std::move(stored));
  return answer;
}

bool is_gone(const MemoryState& state, const local::NewBatch& batch) {
  return !state.partitions.contains(batch.partition);
}

void expire(StoredPartition& partition, const local::TopicRules& rules, WallTime now) {
  std::vector<local::BatchAge> ages;
  std::int64_t total = 0;
  for (const StoredBatch& batch : partition.batches) {
    const local::BatchSummary summary = local::check_batch(*batch.bytes);
    const auto size = static_cast<std::int64_t>(batch.bytes->size());
    ages.push_back({batch.base, batch.last, WallTime{Milliseconds{summary.max_timestamp}}, size});
    total += size;
  }
  const std::size_t expired = local::count_expired(ages, total, rules, now);
  if (expired == 0) return;
  partition.batches.erase(partition.batches.begin(),
                          partition.batches.begin() + static_cast<std::ptrdiff_t>(expired));
  partition.start = partition.batches.empty() ? partition.next : partition.batches.front().base;
}

void compact(StoredPartition& partition, const local::TopicRules& rules, WallTime now) {
  local::KeyMap keys;
  for (const StoredBatch& batch : partition.batches) {
    if (keys.take(local::decode({&batch, 1}, {}, batch.base)) == local::KeyMap::Took::is_full) break;
  }
  for (StoredBatch& batch : partition.batches) {
    if (auto left = local::compacted(batch, keys, rules, now)) batch = *left;
  }
  std::erase_if(partition.batches, [](const StoredBatch& batch) { return !batch.bytes; });
}

}  // namespace

local::ProducerStamp MemoryRecords::enter(const std::string& transactional_id) {
  const std::scoped_lock lock(m_state.mutex);
  const local::ProducerStamp stamp{.id = ++m_state.last_key, .transactional_id = transactional_id};
  m_state.producers[stamp.id] = 0;
  if (!transactional_id.empty()) m_state.transactional_ids[transactional_id] = stamp.id;
  return stamp;
}

std::vector<Appended> MemoryRecords::append(const local::Append& append) {
  const std::scoped_lock lock(m_state.mutex);
  const bool is_transaction = !append.producer.transactional_id.empty();
  if (is_transaction) {
    local::check_holds(append.producer, m_state.transactional_ids[append.producer.transactional_id]);
    const auto gone = [this](const local::NewBatch& batch) { return is_gone(m_state, batch); };
    if (std::any_of(append.batches.begin(), append.batches.end(), gone)) local::refuse_transaction();
  }
  std::vector<Appended> answers(append.batches.size());
  std::int64_t& last = m_state.producers[append.producer.id];
  if (append.sequence <= last) {
    for (Appended& answer : answers) answer.fate = Appended::Fate::stored_before;
    return answers;
  }
  for (std::size_t i = 0; i < answers.size(); ++i) answers[i] = store(m_state, append.batches[i]);
  for (const local::GroupPositions& group : append.positions) {
    for (const CommittedPosition& position : group.positions) {
      m_state.groups[group.group].positions.insert_or_assign(position.partition, position);
    }
  }
  last = append.sequence;
  m_state.announce(MemoryState::What::records);
  return answers;
}

std::optional<local::Fetched> MemoryRecords::fetch(local::PartitionKey partition, Offset from,
                                                   std::size_t most_bytes) {
  const std::scoped_lock lock(m_state.mutex);
  const auto found = m_state.partitions.find(partition);
  if (found == m_state.partitions.end()) return std::nullopt;
  const StoredPartition& stored = found->second;
  local::Fetched fetched{.start = stored.start, .next = stored.next, .batches = {}};
  if (from < stored.start || from > stored.next) return fetched;
  std::size_t bytes = 0;
  for (auto batch = find_batch(stored, from); batch != stored.batches.end(); ++batch) {
    bytes += batch->bytes->size();
    if (!fetched.batches.empty() && bytes > most_bytes) break;
    fetched.batches.push_back(*batch);
  }
  return fetched;
}

std::optional<StoredBatch> MemoryRecords::find_time(local::PartitionKey partition, WallTime time) {
  const std::scoped_lock lock(m_state.mutex);
  const auto found = m_state.partitions.find(partition);
  if (found == m_state.partitions.end()) return std::nullopt;
  for (const StoredBatch& batch : found->second.batches) {
    if (local::check_batch(*batch.bytes).max_timestamp >= time.time_since_epoch().count()) return batch;
  }
  return std::nullopt;
}

local::Cleaned MemoryRecords::clean(WallTime now, local::CleaningEffort effort) {
  constexpr Milliseconds k_between_cleanings{30'000};
  const std::scoped_lock lock(m_state.mutex);
  if (effort == local::CleaningEffort::a_little && now - m_state.cleaned < k_between_cleanings) {
    return local::Cleaned::all;
  }
  m_state.cleaned = now;
  for (const auto& [name, topic] : m_state.topics) {
    const local::TopicRules rules = local::rules_of(topic);
    for (const local::PartitionKey key : topic.partitions) {
      expire(m_state.partitions[key], rules, now);
      if (rules.compacts) compact(m_state.partitions[key], rules, now);
    }
  }
  m_state.announce(MemoryState::What::records);
  return local::Cleaned::all;
}

}  // namespace kbeat::transport::memory
