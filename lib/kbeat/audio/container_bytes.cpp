// Looks at the bytes of an audio file without decoding it, believing no size that it names.
#include "kbeat/audio/container_bytes.hpp"

#include <algorithm>
#include <utility>

namespace kbeat::audio {

Bytes::Bytes(const ReadAt& read_at, std::uint64_t offset, std::size_t size) : m_bytes(size) {
  m_bytes.resize(read_at(offset, m_bytes));
}

Bytes::Bytes(std::vector<std::uint8_t> bytes) : m_bytes(std::move(bytes)) {}

bool Bytes::has(std::size_t offset, std::string_view text) const {
  return this->text(offset, text.size()) == text;
}

std::uint32_t Bytes::little32(std::size_t i) const {
  return at(i) | at(i + 1) << 8 | at(i + 2) << 16 | at(i + 3) << 24;
}

std::uint32_t Bytes::big32(std::size_t i) const {
  return at(i) << 24 | at(i + 1) << 16 | at(i + 2) << 8 | at(i + 3);
}

std::uint32_t Bytes::syncsafe32(std::size_t i) const {
  return (at(i) & 0x7F) << 21 | (at(i + 1) & 0x7F) << 14 | (at(i + 2) & 0x7F) << 7 | (at(i + 3) & 0x7F);
}

std::string_view Bytes::text(std::size_t offset, std::size_t size) const {
  const std::size_t first = std::min(offset, m_bytes.size());
  return {reinterpret_cast<const char*>(m_bytes.data()) + first, std::min(size, m_bytes.size() - first)};
}

std::optional<Chunk> find_chunk(const ReadAt& read_at, std::string_view name, ByteOrder order) {
  constexpr int k_max_chunks = 64;
  std::uint64_t offset = 12;
  for (int n = 0; n < k_max_chunks; ++n) {
    const Bytes head(read_at, offset, 8);
    if (head.size() < 8) return std::nullopt;
    const std::uint64_t size = order == ByteOrder::little ? head.little32(4) : head.big32(4);
    if (head.has(0, name)) return Chunk{offset + 8, size};
    offset += 8 + size + (size & 1);
  }
  return std::nullopt;
}

}  // namespace kbeat::audio
