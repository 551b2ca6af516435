// Where the first MPEG audio frame of a file lies, behind whatever a ripper or a radio left before it.
#include "kbeat/audio/mpeg_frame.hpp"

#include <array>
#include <cstddef>

namespace kbeat::audio {
namespace {

constexpr std::size_t k_search = 4096;         // bytes
constexpr std::size_t k_longest_frame = 1441;  // 320 kbit/s at 32 kHz, padded
constexpr std::array<int, 15> k_kbits_1{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
constexpr std::array<int, 15> k_kbits_2{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};
constexpr std::array<int, 3> k_rates{44'100, 48'000, 32'000};

/// Bytes of the layer III frame whose header stands at `i` (ISO 11172-3, 2.4.2.3), 0 when none does.
std::size_t frame_length(const Bytes& bytes, std::size_t i) {
  const unsigned second = bytes.at(i + 1), third = bytes.at(i + 2);
  const unsigned version = second >> 3 & 3, layer = second >> 1 & 3;
  const unsigned kbits = third >> 4, rate = third >> 2 & 3, padding = third >> 1 & 1;
  if (bytes.at(i) != 0xFF || second >> 5 != 7 || version == 1 || layer != 1) return 0;
  if (kbits == 0 || kbits == 15 || rate == 3) return 0;
  const bool first = version == 3;
  const int hertz = k_rates[rate] / (first ? 1 : version == 2 ? 2 : 4);
  const int bits = 1000 * (first ? k_kbits_1[kbits] : k_kbits_2[kbits]);
  return static_cast<std::size_t>((first ? 144 : 72) * bits / hertz) + padding;
}

}  // namespace

std::optional<std::uint64_t> find_mpeg_frame(const ReadAt& read_at, std::uint64_t from) {
  const Bytes bytes(read_at, from, k_search + k_longest_frame + 4);
  for (std::size_t i = 0; i < k_search && i + 4 <= bytes.size(); ++i) {
    const std::size_t length = frame_length(bytes, i);
    if (length > 0 && frame_length(bytes, i + length) > 0) return from + i;
  }
  return std::nullopt;
}

}  // namespace kbeat::audio
