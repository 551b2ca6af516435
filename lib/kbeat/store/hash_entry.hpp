// Keys of the hash index: identities by half of their SHA-256.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

namespace kbeat::store {

/// The first 16 bytes of a SHA-256: none collides with another's in practice, chosen or not.
struct HashKey {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const HashKey&) const = default;
};

[[nodiscard]] HashKey hash_key(std::string_view identity);

/// A key of its own for each owner of the same identity.
[[nodiscard]] HashKey owned_key(HashKey identity, std::int64_t owner);

/// What is kept with a key, at the choice of the index's user.
struct HashValue {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  bool operator==(const HashValue&) const = default;
};

/// As it lies in a block of the file, in the machine's byte order (little-endian).
struct HashEntry {
  HashKey key;
  HashValue value;
};
static_assert(sizeof(HashEntry) == 32);

}  // namespace kbeat::store
