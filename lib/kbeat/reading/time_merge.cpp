// A heap of the partitions' first records.
#include "kbeat/reading/time_merge.hpp"

#include <algorithm>
#include <tuple>

namespace kbeat::reading {
namespace {

std::size_t size_of(const RecordView& record) {
  constexpr std::size_t k_overhead = 200;  // of the views and the client's own message
  return k_overhead + (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
}

}  // namespace

void TimeMerge::add(const TopicPartition& partition) {
  if (find(partition.topic.get(), partition.partition) != nullptr) return;
  m_lanes.push_back(std::make_unique<Lane>(Lane{partition, {}, 0, false}));
  ++m_silent;
}

void TimeMerge::remove(const TopicPartition& partition) {
  Lane* lane = find(partition.topic.get(), partition.partition);
  if (lane == nullptr) return;
  if (lane->waiting.empty() && !lane->ended) --m_silent;
  std::erase(m_heap, lane);
  std::make_heap(m_heap.begin(), m_heap.end(), comes_later);
  std::erase_if(m_lanes, [&](const auto& each) { return each.get() == lane; });
}

TimeMerge::Lane* TimeMerge::find(std::string_view topic, Partition partition) {
  const auto found = std::find_if(m_lanes.begin(), m_lanes.end(), [&](const auto& lane) {
    return lane->partition.partition == partition && lane->partition.topic.get() == topic;
  });
  return found == m_lanes.end() ? nullptr : found->get();
}

bool TimeMerge::comes_later(const Lane* a, const Lane* b) {
  const RecordView& first = a->waiting.front().record;
  const RecordView& second = b->waiting.front().record;
  return std::tie(first.timestamp, first.topic, first.partition) >
         std::tie(second.timestamp, second.topic, second.partition);
}

void TimeMerge::add_head(Lane& lane) {
  m_heap.push_back(&lane);
  std::push_heap(m_heap.begin(), m_heap.end(), comes_later);
}

void TimeMerge::push(const RecordBatch& batch, const std::function<bool(const RecordView&)>& wanted) {
  for (const RecordView& record : batch.records()) {
    Lane* lane = find(record.topic, record.partition);
    if (lane == nullptr || !wanted(record)) continue;
    const bool was_empty = lane->waiting.empty();
    if (was_empty && !lane->ended) --m_silent;
    lane->ended = false;
    lane->waiting.push_back({record, batch.keep()});
    lane->bytes += size_of(record);
    if (was_empty) add_head(*lane);
  }
}

void TimeMerge::at_end(const TopicPartition& partition) {
  Lane* lane = find(partition.topic.get(), partition.partition);
  if (lane == nullptr || lane->ended) return;
  if (lane->waiting.empty()) --m_silent;
  lane->ended = true;
}

void TimeMerge::drain(const std::function<bool(const RecordView&)>& take) {
  while (m_silent == 0 && !m_heap.empty()) {
    std::pop_heap(m_heap.begin(), m_heap.end(), comes_later);
    Lane& lane = *m_heap.back();
    m_heap.pop_back();
    const Waiting first = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    lane.bytes -= size_of(first.record);
    if (!lane.waiting.empty()) {
      add_head(lane);
    } else if (!lane.ended) {
      ++m_silent;
    }
    if (!take(first.record)) return;
  }
}

TimeMerge::Crowding TimeMerge::crowding(std::size_t budget) const {
  Crowding out;
  const std::size_t share = budget / std::max<std::size_t>(1, m_lanes.size());
  for (const auto& lane : m_lanes) (lane->bytes > share ? out.crowded : out.free).push_back(lane->partition);
  return out;
}

}  // namespace kbeat::reading
