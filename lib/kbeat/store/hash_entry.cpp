// Keys of the hash index: identities by half of their SHA-256.
#include "kbeat/store/hash_entry.hpp"

#include <bit>
#include <cstring>

#include "kbeat/base/hash.hpp"

namespace kbeat::store {

static_assert(std::endian::native == std::endian::little, "stores would not move between machines");

HashKey hash_key(std::string_view identity) {
  HashKey key;
  std::memcpy(&key, sha256_digest(identity).bytes.data(), sizeof key);
  return key;
}

HashKey owned_key(HashKey identity, std::int64_t owner) {
  // Odd multiples of the golden ratio's bits spread small numbers over the whole range.
  constexpr std::uint64_t k_spread = 0x9E3779B97F4A7C15u;
  identity.high += static_cast<std::uint64_t>(owner) * k_spread;
  return identity;
}

}  // namespace kbeat::store
