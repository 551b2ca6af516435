// A table of open addresses with linear probing, at most half full.
#include "kbeat/store/pending_entries.hpp"

#include <algorithm>

namespace kbeat::store {
namespace {

constexpr std::size_t k_first_slots = 64;

}  // namespace

/// Where the key is, or would be put.
std::size_t PendingEntries::slot_of(const HashKey& key) const {
  const std::size_t mask = m_slots.size() - 1;
  std::size_t slot = key.high & mask;
  while (m_slots[slot] != 0 && m_entries[m_slots[slot] - 1].key != key) slot = (slot + 1) & mask;
  return slot;
}

const HashValue* PendingEntries::find(const HashKey& key) const {
  if (m_entries.empty()) return nullptr;
  const std::uint32_t place = m_slots[slot_of(key)];
  return place == 0 ? nullptr : &m_entries[place - 1].value;
}

void PendingEntries::put(const HashKey& key, const HashValue& value) {
  if (2 * m_entries.size() >= m_slots.size()) rebuild(std::max(k_first_slots, 2 * m_slots.size()));
  std::uint32_t& place = m_slots[slot_of(key)];
  if (place != 0) {
    m_entries[place - 1].value = value;
    return;
  }
  m_entries.push_back({key, value});
  place = static_cast<std::uint32_t>(m_entries.size());
}

void PendingEntries::cut(std::size_t size) {
  if (size >= m_entries.size()) return;
  m_entries.resize(size);
  rebuild(m_slots.size());
}

void PendingEntries::rebuild(std::size_t slots) {
  m_slots.assign(slots, 0);
  for (std::size_t i = 0; i < m_entries.size(); ++i)
    m_slots[slot_of(m_entries[i].key)] = static_cast<std::uint32_t>(i + 1);
}

}  // namespace kbeat::store
