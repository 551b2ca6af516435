// CRC-32C by SSE 4.2, or by a table elsewhere.
#include "kbeat/transport/local/checksum.hpp"

#include <array>
#include <cstring>

namespace kbeat::transport::local {
namespace {

constexpr std::uint32_t k_polynomial = 0x82f63b78;  // Castagnoli, bits reversed

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? k_polynomial : 0);
    table[i] = value;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> k_table = make_table();

std::uint32_t by_table(std::uint32_t crc, std::string_view bytes) {
  for (const char c : bytes) crc = (crc >> 8) ^ k_table[(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return crc;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::uint32_t crc, std::string_view bytes) {
  std::uint64_t wide = crc;
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  return by_table(static_cast<std::uint32_t>(wide), bytes.substr(at));
}

std::uint32_t update(std::uint32_t crc, std::string_view bytes) {
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  return has_instruction ? by_instruction(crc, bytes) : by_table(crc, bytes);
}

#else

std::uint32_t update(std::uint32_t crc, std::string_view bytes) {
  return by_table(crc, bytes);
}

#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  return ~update(0xffffffff, bytes);
}

}  // namespace kbeat::transport::local
