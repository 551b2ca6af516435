// Tells quickly that a key is not in a set: a Bloom filter.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "kbeat/store/hash_entry.hpp"

namespace kbeat::store {

/// A key as filters look for it, worked out once for all of them.
class KeyProbe {
 public:
  static constexpr std::size_t k_words = 8;

  explicit KeyProbe(const HashKey& key);
  [[nodiscard]] std::uint64_t place() const { return m_place; }
  /// The key's bits in its block.
  [[nodiscard]] const std::array<std::uint64_t, k_words>& bits() const { return m_bits; }

 private:
  std::uint64_t m_place;
  std::array<std::uint64_t, k_words> m_bits{};
};

/// All bits of a key lie in one block of 64 bytes, so that a look costs one line of the cache (Putze,
/// Sanders and Singler: Cache-, Hash- and Space-Efficient Bloom Filters, WEA 2007). 16 bits a key, 6 of
/// them set: some three in a thousand absent keys pass.
class KeyFilter {
 public:
  explicit KeyFilter(std::size_t keys);
  /// From `bytes()` of another.
  explicit KeyFilter(std::string_view bytes);

  void add(const HashKey& key);
  [[nodiscard]] bool may_have(const KeyProbe& probe) const;
  /// Fetches what `may_have` will look at, so that the filters of a large store are waited for together.
  void prefetch(const KeyProbe& probe) const;
  [[nodiscard]] std::string_view bytes() const;

 private:
  [[nodiscard]] std::size_t first_word(std::uint64_t place) const;

  std::vector<std::uint64_t> m_words;
};

}  // namespace kbeat::store
