// Encoding and decoding of numbers and texts.
#include "kbeat/transport/local/byte_reader.hpp"

#include "kbeat/base/error.hpp"

namespace kbeat::transport::local {
namespace {

constexpr unsigned k_more = 0x80;
constexpr unsigned k_low_bits = 0x7f;
constexpr int k_bits_a_byte = 7;
constexpr int k_longest_shift = 63;

[[noreturn]] void ends_too_early() {
  throw Error(ErrorCode::database, "a stored batch is damaged: it ends within a record");
}

}  // namespace

void append_varint(std::string& out, std::uint64_t value) {
  for (; value > k_low_bits; value >>= k_bits_a_byte) {
    out.push_back(static_cast<char>((value & k_low_bits) | k_more));
  }
  out.push_back(static_cast<char>(value));
}

void append_signed_varint(std::string& out, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  append_varint(out, bits << 1 ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

void append_fixed(std::string& out, std::uint64_t value, int width) {
  for (int i = 0; i < width; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

unsigned ByteReader::byte() {
  if (m_at == m_end) ends_too_early();
  return static_cast<unsigned char>(*m_at++);
}

std::uint64_t ByteReader::varint() {
  if (m_at != m_end && static_cast<unsigned char>(*m_at) <= k_low_bits)
    return static_cast<unsigned char>(*m_at++);
  return long_varint();
}

std::uint64_t ByteReader::long_varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift <= k_longest_shift; shift += k_bits_a_byte) {
    const std::uint64_t part = byte();
    value |= (part & k_low_bits) << shift;
    if ((part & k_more) == 0) return value;
  }
  ends_too_early();
}

std::int64_t ByteReader::signed_varint() {
  const std::uint64_t bits = varint();
  return static_cast<std::int64_t>(bits >> 1 ^ ((bits & 1) != 0 ? ~std::uint64_t{0} : 0));
}

std::uint64_t ByteReader::fixed(int width) {
  std::uint64_t value = 0;
  for (int i = 0; i < width; ++i) value |= static_cast<std::uint64_t>(byte()) << (8 * i);
  return value;
}

std::string_view ByteReader::text(std::uint64_t size) {
  if (size > static_cast<std::uint64_t>(m_end - m_at)) ends_too_early();
  const std::string_view taken(m_at, static_cast<std::size_t>(size));
  m_at += size;
  return taken;
}

}  // namespace kbeat::transport::local
