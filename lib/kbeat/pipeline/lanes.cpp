// Lanes of work by key.
#include "kbeat/pipeline/lanes.hpp"

#include <algorithm>
#include <iterator>

#include "kbeat/pipeline/partition_state.hpp"

namespace kbeat::pipeline {
namespace {

constexpr std::size_t k_longest_run = 64;

bool later(const std::pair<SteadyTime, std::uint64_t>& a, const std::pair<SteadyTime, std::uint64_t>& b) {
  return a.first > b.first;
}

std::size_t bytes_of(const Work& work) {
  return work.record.key.value_or("").size() + work.record.value.value_or("").size();
}

bool is_lost(const Work& work) {
  return work.partition != nullptr && work.partition->hold == Hold::lost;
}

}  // namespace

void Lanes::add(std::unique_ptr<Work> work) {
  const std::uint64_t id = work->lane;
  m_suspects += work->suspect ? 1 : 0;
  m_bytes += bytes_of(*work);
  Lane& lane = m_lanes[id];
  lane.waiting.push_back(std::move(work));
  ++m_size;
  queue(id, lane);
}

void Lanes::forget(const Work& work) {
  --m_size;
  m_suspects -= work.suspect ? 1 : 0;
  m_bytes -= bytes_of(work);
}

void Lanes::queue(std::uint64_t id, Lane& lane) {
  if (lane.out || lane.queued || lane.waiting.empty()) return;
  lane.queued = true;
  if (lane.waiting.front()->due > SteadyTime{}) {
    m_waits.emplace_back(lane.waiting.front()->due, id);
    std::push_heap(m_waits.begin(), m_waits.end(), later);
  } else {
    m_ready.push_back(id);
  }
}

void Lanes::wake_due(SteadyTime now) {
  while (!m_waits.empty() && m_waits.front().first <= now) {
    m_ready.push_back(m_waits.front().second);
    std::pop_heap(m_waits.begin(), m_waits.end(), later);
    m_waits.pop_back();
  }
}

LaneRun Lanes::take_run(Lane& lane, std::size_t most) {
  LaneRun run;
  lane.queued = false;
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
  std::size_t taken = 0;
  while (taken < most && !m_ready.empty()) {
    const auto found = m_lanes.find(m_ready.front());
    m_ready.pop_front();
    if (found == m_lanes.end() || found->second.waiting.empty()) continue;
    runs.push_back(take_run(found->second, std::min(k_longest_run, most - taken)));
    taken += runs.back().size();
  }
  return runs;
}

std::vector<LaneRun> Lanes::take_alone(SteadyTime now) {
  wake_due(now);
  if (m_out > 0) return {};
  const auto first = [this](std::uint64_t a, std::uint64_t b) {
    const auto& left = m_lanes[a].waiting;
    const auto& right = m_lanes[b].waiting;
    if (left.empty() || right.empty()) return !left.empty();
    return left.front()->record.offset < right.front()->record.offset;
  };
  const auto chosen = std::min_element(m_ready.begin(), m_ready.end(), first);
  if (chosen == m_ready.end()) return {};
  Lane& lane = m_lanes[*chosen];
  m_ready.erase(chosen);
  if (lane.waiting.empty()) return {};
  std::vector<LaneRun> runs;
  runs.push_back(take_run(lane, 1));
  return runs;
}

LaneRun Lanes::settle(LaneRun run) {
  if (run.empty()) return run;
  const std::uint64_t id = run.front()->lane;
  Lane& lane = m_lanes[id];
  m_out -= run.size();
  LaneRun finished;
  std::deque<std::unique_ptr<Work>> again;
  for (std::unique_ptr<Work>& work : run) {
    if (work->outcome || is_lost(*work)) {
      forget(*work);
      finished.push_back(std::move(work));
    } else {
      again.push_back(std::move(work));
    }
  }
  std::move(again.rbegin(), again.rend(), std::front_inserter(lane.waiting));
  lane.out = false;
  queue(id, lane);
  if (lane.waiting.empty()) m_lanes.erase(id);
  return finished;
}

std::optional<SteadyTime> Lanes::next_due() const {
  if (m_waits.empty()) return std::nullopt;
  return m_waits.front().first;
}

template <typename Predicate>
void Lanes::drop_if(Predicate predicate) {
  for (auto entry = m_lanes.begin(); entry != m_lanes.end();) {
    Lane& lane = entry->second;
    for (const std::unique_ptr<Work>& work : lane.waiting) {
      if (predicate(*work)) forget(*work);
    }
    std::erase_if(lane.waiting, [&](const std::unique_ptr<Work>& work) { return predicate(*work); });
    entry = lane.waiting.empty() && !lane.out ? m_lanes.erase(entry) : std::next(entry);
  }
}

void Lanes::drop(const PartitionState* partition) {
  drop_if([partition](const Work& work) { return work.partition.get() == partition; });
}

void Lanes::drop_waiting() {
  drop_if([](const Work&) { return true; });
}

}  // namespace kbeat::pipeline
