// murmur2 as Kafka's Java clients compute it, and the choice of a partition.
#include "kbeat/transport/partitioner.hpp"

#include <cstddef>

namespace kbeat::transport {
namespace {

constexpr std::uint32_t k_seed = 0x9747b28c;
constexpr std::uint32_t k_multiplier = 0x5bd1e995;
constexpr unsigned k_shift = 24;
constexpr std::uint32_t k_sign_bit = 0x80000000;

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

std::uint32_t word_at(std::string_view bytes, std::size_t at) {
  return byte_at(bytes, at) | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2) << 16 |
         byte_at(bytes, at + 3) << 24;
}

}  // namespace

std::uint32_t murmur2(std::string_view bytes) {
  std::uint32_t hash = k_seed ^ static_cast<std::uint32_t>(bytes.size());
  std::size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    std::uint32_t word = word_at(bytes, at) * k_multiplier;
    word = (word ^ (word >> k_shift)) * k_multiplier;
    hash = hash * k_multiplier ^ word;
  }
  std::uint32_t tail = 0;
  for (std::size_t i = bytes.size(); i > at; --i) tail = tail << 8 | byte_at(bytes, i - 1);
  if (at < bytes.size()) hash = (hash ^ tail) * k_multiplier;
  hash = (hash ^ (hash >> 13)) * k_multiplier;
  return hash ^ (hash >> 15);
}

Partition partition_of_key(std::string_view key, std::int32_t count) {
  return Partition{
      static_cast<std::int32_t>((murmur2(key) & ~k_sign_bit) % static_cast<std::uint32_t>(count))};
}

Partition choose_partition(std::optional<std::string_view> key, std::int32_t count, std::uint64_t dice) {
  if (key) return partition_of_key(*key, count);
  return Partition{static_cast<std::int32_t>(dice % static_cast<std::uint64_t>(count))};
}

}  // namespace kbeat::transport
