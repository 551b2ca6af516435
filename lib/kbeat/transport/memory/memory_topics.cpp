// Topics in memory.
#include <fmt/format.h>

#include "kbeat/base/error.hpp"
#include "kbeat/transport/memory/memory_ledger.hpp"

namespace kbeat::transport::memory {
namespace {

void add_partitions(MemoryState& state, local::TopicState& topic) {
  for (local::PartitionKey& key : topic.partitions) {
    if (key.get() != 0) continue;
    key = local::PartitionKey{++state.last_key};
    state.partitions.try_emplace(key);
  }
}

}  // namespace

std::string MemoryTopics::cluster_id() {
  return m_state.cluster;
}

std::vector<local::TopicState> MemoryTopics::all() {
  const std::scoped_lock lock(m_state.mutex);
  std::vector<local::TopicState> topics;
  for (const auto& [name, topic] : m_state.topics) topics.push_back(topic);
  return topics;
}

std::optional<local::TopicState> MemoryTopics::find(const TopicName& topic) {
  const std::scoped_lock lock(m_state.mutex);
  const auto found = m_state.topics.find(topic);
  return found == m_state.topics.end() ? std::nullopt : std::optional(found->second);
}

void MemoryTopics::create(const TopicSpec& spec) {
  const std::scoped_lock lock(m_state.mutex);
  if (m_state.topics.contains(spec.topic)) {
    throw Error(ErrorCode::busy, fmt::format("topic {} exists already", spec.topic.get()));
  }
  local::TopicState topic{
      .topic = spec.topic, .id = ++m_state.last_key, .partitions = {}, .config = spec.config};
  topic.partitions.resize(static_cast<std::size_t>(spec.partitions));
  add_partitions(m_state, topic);
  m_state.topics.emplace(spec.topic, std::move(topic));
  m_state.announce(MemoryState::What::control);
}

void MemoryTopics::alter(const local::TopicState& topic) {
  const std::scoped_lock lock(m_state.mutex);
  const auto found = m_state.topics.find(topic.topic);
  if (found == m_state.topics.end() || found->second.id != topic.id) {
    throw Error(ErrorCode::not_found, fmt::format("topic {} was deleted meanwhile", topic.topic.get()));
  }
  found->second = topic;
  add_partitions(m_state, found->second);
  m_state.announce(MemoryState::What::control);
}

void MemoryTopics::remove(const TopicName& topic) {
  const std::scoped_lock lock(m_state.mutex);
  const auto found = m_state.topics.find(topic);
  if (found == m_state.topics.end()) return;
  for (const local::PartitionKey key : found->second.partitions) m_state.partitions.erase(key);
  m_state.topics.erase(found);
  for (auto& [name, group] : m_state.groups) {
    std::erase_if(group.positions, [&](const auto& entry) { return entry.first.topic == topic; });
  }
  m_state.announce(MemoryState::What::control);
}

}  // namespace kbeat::transport::memory
