// Tells quickly that a key is not in a set: a Bloom filter.
#include "kbeat/store/key_filter.hpp"

#include <cstring>

#include "kbeat/base/error.hpp"
#include "kbeat/store/scale.hpp"

namespace kbeat::store {
namespace {

constexpr std::size_t k_bits_a_key = 12;
constexpr std::size_t k_words_a_block = 8;
constexpr std::size_t k_block_bits = 64 * k_words_a_block;
constexpr int k_probes = 6;

/// The i-th bit of a key within its block: nine bits of the hash each.
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
  const std::size_t word = first_word(key);
  for (int probe = 0; probe < k_probes; ++probe) {
    const std::size_t bit = bit_of(key, probe);
    m_words[word + bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
}

bool KeyFilter::may_have(const HashKey& key) const {
  // All probes at once: which of them is the first to miss cannot be foreseen, and they cost one line
  // together.
  const std::size_t word = first_word(key);
  std::uint64_t all = 1;
  for (int probe = 0; probe < k_probes; ++probe) {
    const std::size_t bit = bit_of(key, probe);
    all &= m_words[word + bit / 64] >> (bit % 64);
  }
  return (all & 1) != 0;
}

std::string_view KeyFilter::bytes() const {
  return {reinterpret_cast<const char*>(m_words.data()), m_words.size() * sizeof(std::uint64_t)};
}

std::size_t KeyFilter::first_word(const HashKey& key) const {
  return scale(key.high, m_words.size() / k_words_a_block) * k_words_a_block;
}

}  // namespace kbeat::store
