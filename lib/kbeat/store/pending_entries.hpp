// Entries of a hash index that are not written yet: found by key, kept in the order they came in.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kbeat/store/hash_entry.hpp"

namespace kbeat::store {

/// A table of open addresses over a list: keys are hashes already, and memory stays from one batch to the
/// next.
class PendingEntries {
 public:
  /// Null for a key that is not there.
  [[nodiscard]] const HashValue* find(const HashKey& key) const;
  /// A key that is there keeps its place and gets the new value.
  void put(const HashKey& key, const HashValue& value);
  /// Forgets those that came after the first `size`.
  void cut(std::size_t size);
  void clear() { cut(0); }

  [[nodiscard]] std::span<const HashEntry> entries() const { return m_entries; }

 private:
  [[nodiscard]] std::size_t slot_of(const HashKey& key) const;
  void rebuild(std::size_t slots);

  std::vector<HashEntry> m_entries;
  std::vector<std::uint32_t> m_slots;  ///< 0, or one more than an index of m_entries; a power of two of them
};

}  // namespace kbeat::store
