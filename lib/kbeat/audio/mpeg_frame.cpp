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

struct LengthTag {
  std::optional<std::uint32_t> frames{};  ///< that follow, if it says so,
  std::optional<std::uint32_t> bytes{};   ///< and from its own first on
};

std::optional<LengthTag> length_tag_of(const Bytes& frame) {
  constexpr std::size_t k_header = 4, k_checksum = 2, k_fraunhofer = 36;
  const std::size_t place = k_header + side_info_length(frame);
  for (const std::size_t at : {place, place + k_checksum}) {
    if (!frame.has(at, "Xing") && !frame.has(at, "Info")) continue;
    const std::uint32_t told = frame.at(at + 7);
    LengthTag tag;
    if ((told & 1) != 0) tag.frames = frame.big32(at + 8);
    if ((told & 2) != 0) tag.bytes = frame.big32(at + 8 + ((told & 1) != 0 ? 4 : 0));
    return tag;
  }
  if (frame.has(k_fraunhofer, "VBRI"))
    return LengthTag{frame.big32(k_fraunhofer + 14), frame.big32(k_fraunhofer + 10)};
  return std::nullopt;
}

/// The offset behind an ID3 tag of either version, which may lie between tracks that were put together.
std::uint64_t behind_id3(const ReadAt& read_at, std::uint64_t from) {
  constexpr std::size_t k_old = 128, k_head = 10;
  if (Bytes(read_at, from, 3).has(0, "TAG")) from += k_old;
  const Bytes head(read_at, from, k_head);
  return head.has(0, "ID3") ? from + k_head + head.syncsafe32(6) : from;
}

/// From `first` on, across tags and whatever find_mpeg_frame crosses.
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
    const auto next = find_mpeg_frame(read_at, behind_id3(read_at, first));
    if (!next || *next == first) return frames;
    first = *next;
  }
}

/// Whether others go on behind as many frames as the tag promises. Tags count themselves or do not, and some
/// encoders are a few frames off.
bool tells_too_few(const LengthTag& tag, std::uint32_t frames) {
  constexpr std::uint32_t k_close = 10;
  return tag.frames && *tag.frames > 0 && frames > *tag.frames + k_close;
}

/// The "Xing" tag for a stream like that of `frame`.
std::vector<std::uint8_t> make_length_tag(const Bytes& frame, std::uint32_t frames) {
  // No checksum, and a bit rate whose frames have room for the tag at every sample rate.
  constexpr std::uint8_t k_no_checksum = 0x01, k_bit_rate = 0x90, k_sample_rate = 0x0C, k_has_frames = 1;
  std::vector<std::uint8_t> tag{0xFF, static_cast<std::uint8_t>(frame.at(1) | k_no_checksum),
                                static_cast<std::uint8_t>((frame.at(2) & k_sample_rate) | k_bit_rate),
                                static_cast<std::uint8_t>(frame.at(3))};
  tag.resize(frame_length(Bytes(tag), 0));
  auto place = tag.begin() + static_cast<std::ptrdiff_t>(4 + side_info_length(frame));
  for (const char c : {'X', 'i', 'n', 'g'}) *place++ = static_cast<std::uint8_t>(c);
  place += 3;
  *place++ = k_has_frames;
  for (const int shift : {24, 16, 8, 0}) *place++ = static_cast<std::uint8_t>(frames >> shift);
  return tag;
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

MpegStart mpeg_start(const ReadAt& read_at, std::uint64_t first) {
  const Bytes frame(read_at, first, k_longest_frame);
  if (find_mpeg_frame(read_at, first) != first) return {first};
  const auto tag = length_tag_of(frame);
  if (!tag) return {first, make_length_tag(frame, count_frames(read_at, first))};
  // A glance behind the promised end saves most files from being read once more.
  if (tag->bytes && !find_mpeg_frame(read_at, behind_id3(read_at, first + *tag->bytes))) return {first};
  const std::uint64_t music = first + frame_length(frame, 0);
  const std::uint32_t frames = count_frames(read_at, music);
  if (!tells_too_few(*tag, frames)) return {first};
  return {music, make_length_tag(frame, frames)};
}

}  // namespace kbeat::audio
