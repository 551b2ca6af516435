// Looks at the bytes of an audio file without decoding it, believing no size that it names.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace kbeat::audio {

/// Fills `into` from byte `offset` of the input; returns how many bytes there were.
using ReadAt = std::function<std::size_t(std::uint64_t offset, std::span<std::uint8_t> into)>;

/// Up to `size` bytes at an offset; those past the end read as 0.
class Bytes {
 public:
  Bytes(const ReadAt& read_at, std::uint64_t offset, std::size_t size);
  explicit Bytes(std::vector<std::uint8_t> bytes);

  [[nodiscard]] std::size_t size() const { return m_bytes.size(); }
  [[nodiscard]] std::uint32_t at(std::size_t i) const { return i < m_bytes.size() ? m_bytes[i] : 0; }
  [[nodiscard]] bool has(std::size_t offset, std::string_view text) const;
  [[nodiscard]] std::uint32_t little32(std::size_t i) const;
  [[nodiscard]] std::uint32_t big32(std::size_t i) const;
  /// Four times seven bits, as ID3v2 writes sizes.
  [[nodiscard]] std::uint32_t syncsafe32(std::size_t i) const;
  /// What there is of `size` bytes from `offset` on.
  [[nodiscard]] std::string_view text(std::size_t offset, std::size_t size) const;

 private:
  std::vector<std::uint8_t> m_bytes;
};

enum class ByteOrder { little, big };

struct Chunk {
  std::uint64_t offset = 0;  ///< of its body
  std::uint64_t size = 0;    ///< as its header promises
};

/// The named chunk of an IFF-like file, whose form has a header of 12 bytes; among the first 64 only.
[[nodiscard]] std::optional<Chunk> find_chunk(const ReadAt& read_at, std::string_view name, ByteOrder order);

}  // namespace kbeat::audio
