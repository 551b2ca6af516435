// Where the MPEG audio frames of a file lie, behind whatever a ripper or a radio left before them.
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

/// Bytes of a layer III frame's side information, which a tag leaves empty and stands behind.
std::size_t side_info_length(const Bytes& header) {
  const bool first = (header.at(1) >> 3 & 3) == 3, mono = header.at(3) >> 6 == 3;
  if (first) return mono ? 17 : 32;
  return mono ? 9 : 17;
}

bool has_length_tag(const Bytes& frame) {
  constexpr std::size_t k_header = 4, k_checksum = 2, k_fraunhofer = 36;
  const std::size_t place = k_header + side_info_length(frame);
  for (const std::size_t at : {place, place + k_checksum}) {
    if (frame.has(at, "Xing") || frame.has(at, "Info")) return true;
  }
  return frame.has(k_fraunhofer, "VBRI");
}

/// From `first` on, across whatever find_mpeg_frame crosses.
std::uint32_t count_frames(const ReadAt& read_at, std::uint64_t first) {
  constexpr std::size_t k_window = 65'536;
  std::uint32_t frames = 0;
  while (true) {
    const Bytes bytes(read_at, first, k_window);
    std::size_t i = 0;
    for (std::size_t length = 0; (length = frame_length(bytes, i)) > 0 && i + length <= bytes.size();
         i += length)
      ++frames;
    first += i;
    if (i > 0) continue;
    const auto next = find_mpeg_frame(read_at, first);
    if (!next || *next == first) return frames;
    first = *next;
  }
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

std::vector<std::uint8_t> missing_length_tag(const ReadAt& read_at, std::uint64_t first) {
  const Bytes frame(read_at, first, k_longest_frame);
  if (find_mpeg_frame(read_at, first) != first || has_length_tag(frame)) return {};
  // No checksum, and a bit rate whose frames have room for the tag at every sample rate.
  constexpr std::uint8_t k_no_checksum = 0x01, k_bit_rate = 0x90, k_sample_rate = 0x0C, k_has_frames = 1;
  std::vector<std::uint8_t> tag{0xFF, static_cast<std::uint8_t>(frame.at(1) | k_no_checksum),
                                static_cast<std::uint8_t>((frame.at(2) & k_sample_rate) | k_bit_rate),
                                static_cast<std::uint8_t>(frame.at(3))};
  tag.resize(frame_length(Bytes(tag), 0));
  const std::uint32_t frames = count_frames(read_at, first);
  auto place = tag.begin() + static_cast<std::ptrdiff_t>(4 + side_info_length(frame));
  for (const char c : {'X', 'i', 'n', 'g'}) *place++ = static_cast<std::uint8_t>(c);
  place += 3;
  *place++ = k_has_frames;
  for (const int shift : {24, 16, 8, 0}) *place++ = static_cast<std::uint8_t>(frames >> shift);
  return tag;
}

}  // namespace kbeat::audio
