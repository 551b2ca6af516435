// Maps hashes evenly onto a small range.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kbeat::store {

/// `hash` of 2^64 onto 0 … range - 1, in order: a larger hash never gets a smaller number.
[[nodiscard]] constexpr std::size_t scale(std::uint64_t hash, std::size_t range) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::size_t>(Wide{hash} * range >> 64);
}

}  // namespace kbeat::store
