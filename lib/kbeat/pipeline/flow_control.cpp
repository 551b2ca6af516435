// Pausing and resuming, with a gap between the two bounds so that a partition does not flap.
#include "kbeat/pipeline/flow_control.hpp"

#include <vector>

namespace kbeat::pipeline {
namespace {

constexpr std::size_t k_most_bytes = 64u << 20;  ///< of records in hand

}  // namespace

void FlowControl::steer(const Partitions& owned, const Load& load, transport::Consumer& consumer) const {
  std::vector<TopicPartition> pause;
  std::vector<TopicPartition> resume;
  for (const auto& [name, state] : owned) {
    const bool full =
        load.closed || state->at_stop() || state->ahead() >= m_max_ahead || load.bytes >= k_most_bytes;
    const bool low = state->ahead() * 2 <= m_max_ahead && load.bytes * 2 <= k_most_bytes;
    if (full && !state->paused) pause.push_back(name);
    if (!full && low && state->paused) resume.push_back(name);
    state->paused = full || (state->paused && !low);
  }
  if (!pause.empty()) consumer.set_flow(pause, transport::Flow::paused);
  if (!resume.empty()) consumer.set_flow(resume, transport::Flow::running);
}

}  // namespace kbeat::pipeline
