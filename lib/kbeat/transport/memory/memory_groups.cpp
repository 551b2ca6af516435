// Groups and their positions in memory.
#include <fmt/format.h>

#include "kbeat/base/error.hpp"
#include "kbeat/transport/memory/memory_ledger.hpp"

namespace kbeat::transport::memory {
namespace {

bool is_rebalanced(const local::GroupState& before, const local::GroupState& after) {
  return before.generation != after.generation || before.phase != after.phase;
}

/// Changes a copy first, so that what `change` throws leaves the group as it was.
void change_group(MemoryState& state, const GroupId& name, const local::GroupLedger::Change& change) {
  const auto known = state.groups.find(name);
  const local::GroupState before = known == state.groups.end() ? local::GroupState{} : known->second.state;
  local::GroupState after = before;
  change(after);
  const bool is_new_and_empty = known == state.groups.end() && after.members.empty();
  if (is_new_and_empty) return;
  state.groups[name].state = after;
  if (is_rebalanced(before, after)) state.announce(MemoryState::What::control);
}

}  // namespace

std::vector<GroupId> MemoryGroups::all() {
  const std::scoped_lock lock(m_state.mutex);
  std::vector<GroupId> names;
  for (const auto& [name, group] : m_state.groups) names.push_back(name);
  return names;
}

local::GroupState MemoryGroups::read(const GroupId& group) {
  const std::scoped_lock lock(m_state.mutex);
  const auto found = m_state.groups.find(group);
  return found == m_state.groups.end() ? local::GroupState{} : found->second.state;
}

void MemoryGroups::update(const GroupId& group, const Change& change) {
  const std::scoped_lock lock(m_state.mutex);
  change_group(m_state, group, change);
}

void MemoryGroups::commit(const local::GroupPositions& positions, const Change& check) {
  const std::scoped_lock lock(m_state.mutex);
  change_group(m_state, positions.group, check);
  for (const CommittedPosition& position : positions.positions) {
    m_state.groups[positions.group].positions.insert_or_assign(position.partition, position);
  }
}

std::vector<CommittedPosition> MemoryGroups::positions(const GroupId& group) {
  const std::scoped_lock lock(m_state.mutex);
  std::vector<CommittedPosition> positions;
  const auto found = m_state.groups.find(group);
  if (found == m_state.groups.end()) return positions;
  for (const auto& [partition, position] : found->second.positions) positions.push_back(position);
  return positions;
}

void MemoryGroups::remove(const GroupId& group) {
  const std::scoped_lock lock(m_state.mutex);
  const auto found = m_state.groups.find(group);
  if (found == m_state.groups.end()) {
    throw Error(ErrorCode::not_found, fmt::format("there is no group {}", group.get()));
  }
  if (!found->second.state.members.empty()) {
    throw Error(ErrorCode::busy, fmt::format("group {} has active members: stop them first", group.get()));
  }
  m_state.groups.erase(found);
}

}  // namespace kbeat::transport::memory
