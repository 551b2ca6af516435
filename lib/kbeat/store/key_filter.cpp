// Tells quickly that a key is not in a set: a Bloom filter.
#include "kbeat/store/key_filter.hpp"

#include <cstring>

#include "kbeat/base/error.hpp"
#include "kbeat/store/scale.hpp"

namespace kbeat::store {
namespace {

constexpr std::size_t k_bits_a_key = 16;
constexpr std::size_t k_block_bits = 64 * KeyProbe::k_words;
constexpr int k_probes = 6;

}  // namespace

/// Nine bits of the hash for each of the key's bits.
KeyProbe::KeyProbe(const HashKey& key) : m_place(key.high) {
  for (int probe = 0; probe < k_probes; ++probe) {
    const std::size_t bit = (key.low >> (9 * probe)) % k_block_bits;
    m_bits[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
}

KeyFilter::KeyFilter(std::size_t keys)
    : m_words((keys * k_bits_a_key + k_block_bits - 1) / k_block_bits * KeyProbe::k_words) {}

KeyFilter::KeyFilter(std::string_view bytes) : m_words(bytes.size() / sizeof(std::uint64_t)) {
  if (bytes.empty() || bytes.size() % (k_block_bits / 8) != 0) {
    throw Error(ErrorCode::database, "a filter of the store is damaged: restore a backup");
  }
  std::memcpy(m_words.data(), bytes.data(), bytes.size());
}

void KeyFilter::add(const HashKey& key) {
  const KeyProbe probe(key);
  const std::size_t word = first_word(probe.place());
  for (std::size_t i = 0; i < KeyProbe::k_words; ++i) m_words[word + i] |= probe.bits()[i];
}

bool KeyFilter::may_have(const KeyProbe& probe) const {
  // No branch: which word is the first to miss cannot be foreseen, and all of them cost one line together.
  const std::size_t word = first_word(probe.place());
  std::uint64_t missing = 0;
  for (std::size_t i = 0; i < KeyProbe::k_words; ++i) missing |= probe.bits()[i] & ~m_words[word + i];
  return missing == 0;
}

void KeyFilter::prefetch(const KeyProbe& probe) const {
  __builtin_prefetch(m_words.data() + first_word(probe.place()));
}

std::string_view KeyFilter::bytes() const {
  return {reinterpret_cast<const char*>(m_words.data()), m_words.size() * sizeof(std::uint64_t)};
}

std::size_t KeyFilter::first_word(std::uint64_t place) const {
  return scale(place, m_words.size() / KeyProbe::k_words) * KeyProbe::k_words;
}

}  // namespace kbeat::store
