// Linear probing over a table that doubles when it is three quarters full.
#include "kbeat/dlq/letter_index.hpp"

#include <cstring>
#include <utility>

#include "kbeat/base/hash.hpp"

namespace kbeat::dlq {
namespace {

constexpr std::size_t k_first_size = 1024;
constexpr std::uint64_t k_used = 0x80;
constexpr std::uint64_t k_seen = 0x40;
constexpr std::uint64_t k_state = 0x0F;
constexpr std::uint64_t k_flags = 0xFF;

}  // namespace

LetterIndex::LetterIndex() : m_slots(k_first_size) {}

LetterIndex::Slot LetterIndex::key_of(std::string_view identity) {
  const std::string digest = sha256(identity);
  Slot key;
  std::memcpy(&key.head, digest.data(), sizeof key.head);
  std::memcpy(&key.tail, digest.data() + sizeof key.head, sizeof key.tail);
  key.tail &= ~k_flags;
  return key;
}

/// Where the key stands, or the free place where it would.
std::size_t LetterIndex::place_of(const Slot& key) const {
  const std::size_t mask = m_slots.size() - 1;
  std::size_t place = key.head & mask;
  while ((m_slots[place].tail & k_used) != 0 &&
         (m_slots[place].head != key.head || (m_slots[place].tail & ~k_flags) != key.tail)) {
    place = (place + 1) & mask;
  }
  return place;
}

LetterIndex::Slot& LetterIndex::entry(std::string_view identity) {
  if (m_used * 4 >= m_slots.size() * 3) grow();
  const Slot key = key_of(identity);
  Slot& slot = m_slots[place_of(key)];
  if ((slot.tail & k_used) == 0) {
    slot = {key.head, key.tail | k_used};
    ++m_used;
  }
  return slot;
}

void LetterIndex::grow() {
  std::vector<Slot> old(m_slots.size() * 2);
  std::swap(old, m_slots);
  for (const Slot& slot : old) {
    if ((slot.tail & k_used) != 0) m_slots[place_of({slot.head, slot.tail & ~k_flags})] = slot;
  }
}

LetterState LetterIndex::set_state(std::string_view identity, LetterState state) {
  Slot& slot = entry(identity);
  const auto former = static_cast<LetterState>(slot.tail & k_state);
  slot.tail = (slot.tail & ~k_state) | static_cast<std::uint64_t>(state);
  return former;
}

LetterState LetterIndex::state(std::string_view identity) const {
  return static_cast<LetterState>(m_slots[place_of(key_of(identity))].tail & k_state);
}

std::optional<LetterState> LetterIndex::look(std::string_view identity) {
  Slot& slot = entry(identity);
  if ((slot.tail & k_seen) != 0) return std::nullopt;
  slot.tail |= k_seen;
  return static_cast<LetterState>(slot.tail & k_state);
}

bool LetterIndex::see(std::string_view identity) {
  return look(identity).has_value();
}

bool LetterIndex::was_seen(std::string_view identity) const {
  return (m_slots[place_of(key_of(identity))].tail & k_seen) != 0;
}

}  // namespace kbeat::dlq
