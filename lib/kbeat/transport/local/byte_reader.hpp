// Numbers and texts of the batch format: little-endian, variable length, bounds always checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kbeat::transport::local {

/// Seven bits a byte, lowest first, the high bit says that more follow.
void append_varint(std::string& out, std::uint64_t value);
/// Zigzag: small negative numbers stay short.
void append_signed_varint(std::string& out, std::int64_t value);
/// The low `width` bytes, lowest first.
void append_fixed(std::string& out, std::uint64_t value, int width);

/// Takes values off the front of `bytes`, which must outlive it and what it returns.
/// Every call throws Error{database} when the bytes end too early.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : m_at(bytes.data()), m_end(bytes.data() + bytes.size()) {}

  [[nodiscard]] unsigned byte();
  [[nodiscard]] std::uint64_t varint();
  [[nodiscard]] std::int64_t signed_varint();
  [[nodiscard]] std::uint64_t fixed(int width);
  [[nodiscard]] std::string_view text(std::uint64_t size);

 private:
  [[nodiscard]] std::uint64_t long_varint();

  const char* m_at;
  const char* m_end;
};

}  // namespace kbeat::transport::local
