// Tells quickly that a key is not in a set: a Bloom filter.
#include "kbeat/store/key_filter.hpp"

#include <cstring>

#include "kbeat/base/error.hpp"
#include "kbeat/store/scale.hpp"

namespace kbeat::store {
namespace {

constexpr std::size_t k_bits_a_key = 16;
constexpr std::size_t k_words_a_block = 8;
constexpr std::size_t k_block_bits = 64 * k_words_a_block;
constexpr int k_probes = 6;

/// Nine bits of the hash for each of the key's bits.
std::size_t bit_of(const HashKey& key, int probe) {
  return (key.low >> (9 * probe)) % k_block_bits;
}

}  // namespace

KeyFilter::KeyFilter(std::size_t keys)
    : m_words((keys * k_bits_a_key + k_block_bits - 1) / k_block_bits * k_words_a_block) {}

KeyFilter::KeyFilter(std::string_view bytes) : m_words(bytes.size() / sizeof(std::uint64_t)) {
  if (bytes.empty() || bytes.size() % (k_block_bits / 8) != 0) {
    throw Error(ErrorCode::database, "a filter of the store is damaged: restore a backup");
  }
  std::memcpy(m_words.data(), bytes.data(), bytes.size());
}

void KeyFilter::add(const HashKey& key) {
  std::uint64_t* const block = m_words.data() + first_word(key);
  for (int probe = 0; probe < k_probes; ++probe) {
    const std::size_t bit = bit_of(key, probe);
    block[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
}

bool KeyFilter::may_have(const HashKey& key) const {
  const std::uint64_t* const block = m_words.data() + first_word(key);
  const auto has = [&](int probe) {
    const std::size_t bit = bit_of(key, probe);
    return (block[bit / 64] >> (bit % 64)) & 1;
  };
  // No branch in between: which bit is the first to miss cannot be foretold.
  return (has(0) & has(1) & has(2) & has(3) & has(4) & has(5)) != 0;
}

std::string_view KeyFilter::bytes() const {
  return {reinterpret_cast<const char*>(m_words.data()), m_words.size() * sizeof(std::uint64_t)};
}

std::size_t KeyFilter::first_word(const HashKey& key) const {
  return scale(key.high, m_words.size() / k_words_a_block) * k_words_a_block;
}

}  // namespace kbeat::store
