// Tells quickly that a key is not in a set: a Bloom filter.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "kbeat/store/hash_entry.hpp"

namespace kbeat::store {

/// All bits of a key lie in one block of 64 bytes, so that a look costs one line of the cache (Putze,
/// Sanders and Singler: Cache-, Hash- and Space-Efficient Bloom Filters, WEA 2007). 16 bits a key, 6 of
/// them set: some three in a thousand absent keys pass.
class KeyFilter {
 public:
  explicit KeyFilter(std::size_t keys);
  /// From `bytes()` of another.
  explicit KeyFilter(std::string_view bytes);

  void add(const HashKey& key);
  [[nodiscard]] bool may_have(const HashKey& key) const;
  [[nodiscard]] std::string_view bytes() const;

 private:
  [[nodiscard]] std::size_t first_word(const HashKey& key) const;

  std::vector<std::uint64_t> m_words;
};

}  // namespace kbeat::store
