// Lanes of work by key.
#include "kbeat/pipeline/lanes.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "kbeat/pipeline/partition_state.hpp"

namespace kbeat::pipeline {
namespace {

constexpr std::size_t k_longest_run = 64;

std::size_t bytes_of(const Work& work) {
  return work.record.key.value_or("").size() + work.record.value.value_or("").size();
}

/// Of a record that keeps nobody waiting.
std::uint64_t lane_of_its_own(const Work& work) {
  constexpr std::uint64_t k_golden_ratio = 0x9e3779b97f4a7c15ULL;  // spreads offsets over all lanes
  const std::hash<const void*> hash;
  return hash(work.partition.get()) ^
         (static_cast<std::uint64_t>(work.record.offset.get()) + 1) * k_golden_ratio;
}

bool is_lost(const Work& work) {
  return work.partition != nullptr && work.partition->hold == Hold::lost;
}

}  // namespace

void Lanes::add(std::unique_ptr<Work> work) {
  m_suspects += work->suspect ? 1 : 0;
  m_bytes += bytes_of(*work);
  ++m_size;
  work->arrival = ++m_arrivals;
  m_arriving = true;
  put(std::move(work));
}

void Lanes::put(std::unique_ptr<Work> work) {
  const std::uint64_t id = work->lane;
  Lane& lane = m_lanes[id];
  lane.waiting.push_back(std::move(work));
  queue(id, lane);
}

bool Lanes::leaves(const Work& work) const {
  return m_release.order == RetryOrder::none && work.due > SteadyTime{} && work.lane != lane_of_its_own(work);
}

void Lanes::forget(const Work& work) {
  --m_size;
  m_suspects -= work.suspect ? 1 : 0;
  m_bytes -= bytes_of(work);
}

void Lanes::queue(std::uint64_t id, Lane& lane) {
  if (lane.out || lane.queued || lane.waiting.empty()) return;
  lane.queued = true;
  const Work& first = *lane.waiting.front();
  if (first.due > SteadyTime{}) {
    m_waits.emplace(first.due, id);
  } else {
    m_ready.emplace(first.arrival, id);
  }
}

void Lanes::wake_due(SteadyTime now) {
  while (!m_waits.empty() && m_waits.top().first <= now && m_woken < m_release.burst) {
    const auto [due, id] = m_waits.top();
    m_waits.pop();
    const auto found = m_lanes.find(id);
    // What was dropped meanwhile left its entry behind, and may have come back with another.
    if (found == m_lanes.end() || !found->second.queued || found->second.waiting.front()->due != due)
      continue;
    if (!std::exchange(found->second.woken, true)) ++m_woken;
    m_ready.emplace(found->second.waiting.front()->arrival, id);
  }
}

void Lanes::rest(Lane& lane) {
  if (std::exchange(lane.woken, false)) --m_woken;
}

Lanes::Lane* Lanes::next_ready() {
  while (!m_ready.empty()) {
    const auto [arrival, id] = m_ready.top();
    m_ready.pop();
    const auto found = m_lanes.find(id);
    if (found == m_lanes.end() || !found->second.queued || found->second.waiting.front()->arrival != arrival)
      continue;
    found->second.queued = false;
    return &found->second;
  }
  return nullptr;
}

LaneRun Lanes::take_run(Lane& lane, std::size_t most) {
  LaneRun run;
  lane.out = true;
  while (!lane.waiting.empty() && run.size() < most) {
    run.push_back(std::move(lane.waiting.front()));
    lane.waiting.pop_front();
  }
  m_out += run.size();
  return run;
}

std::vector<LaneRun> Lanes::take(std::size_t most, SteadyTime now) {
  wake_due(now);
  std::vector<LaneRun> runs;
  const bool newest_waits = std::exchange(m_arriving, false) && m_out > 0;
  const std::size_t full = m_out + most;
  while (m_out < full) {
    Lane* lane = next_ready();
    if (lane == nullptr) break;
    if (newest_waits && m_ready.empty() && is_newest(*lane)) {
      queue(lane->waiting.front()->lane, *lane);
      break;
    }
    runs.push_back(take_run(*lane, k_longest_run));
  }
  return runs;
}

std::vector<LaneRun> Lanes::take_alone(SteadyTime now) {
  wake_due(now);
  std::vector<LaneRun> runs;
  if (m_out > 0) return runs;
  if (Lane* lane = next_ready()) runs.push_back(take_run(*lane, 1));
  return runs;
}

LaneRun Lanes::settle(LaneRun run) {
  if (run.empty()) return run;
  const std::uint64_t id = run.front()->lane;
  Lane& lane = m_lanes[id];
  m_out -= run.size();
  rest(lane);
  LaneRun finished;
  std::deque<std::unique_ptr<Work>> again;
  std::unique_ptr<Work> leaving;
  for (std::unique_ptr<Work>& work : run) {
    if (work->outcome || is_lost(*work)) {
      forget(*work);
      finished.push_back(std::move(work));
    } else if (leaves(*work)) {
      work->lane = lane_of_its_own(*work);
      leaving = std::move(work);
    } else {
      again.push_back(std::move(work));
    }
  }
  std::move(again.rbegin(), again.rend(), std::front_inserter(lane.waiting));
  lane.out = false;
  queue(id, lane);
  if (lane.waiting.empty()) m_lanes.erase(id);
  if (leaving) put(std::move(leaving));
  return finished;
}

std::optional<SteadyTime> Lanes::next_due() const {
  if (m_waits.empty()) return std::nullopt;
  return m_waits.top().first;
}

template <typename Predicate>
void Lanes::drop_if(Predicate predicate) {
  for (auto entry = m_lanes.begin(); entry != m_lanes.end();) {
    auto& [id, lane] = *entry;
    for (const std::unique_ptr<Work>& work : lane.waiting) {
      if (predicate(*work)) forget(*work);
    }
    const auto dropped =
        std::erase_if(lane.waiting, [&](const std::unique_ptr<Work>& work) { return predicate(*work); });
    if (lane.waiting.empty() && !lane.out) {
      rest(lane);
      entry = m_lanes.erase(entry);
      continue;
    }
    if (dropped > 0) {
      lane.queued = false;
      queue(id, lane);
    }
    ++entry;
  }
}

void Lanes::drop(const PartitionState* partition) {
  drop_if([partition](const Work& work) { return work.partition.get() == partition; });
}

void Lanes::drop_waiting() {
  drop_if([](const Work&) { return true; });
}

}  // namespace kbeat::pipeline
