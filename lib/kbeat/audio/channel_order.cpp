// In which order a container keeps its channels, and how they come into that of WAV.
#include "kbeat/audio/channel_order.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace kbeat::audio {
namespace {

constexpr std::size_t k_most = 8;
using Order = std::array<std::uint8_t, k_most>;

/// For each channel of WAV the one of Vorbis that it is. One, two and four channels lie alike in both.
constexpr std::array<Order, k_most + 1> k_places{{{},
                                                  {},
                                                  {},
                                                  {0, 2, 1},
                                                  {},
                                                  {0, 2, 1, 3, 4},
                                                  {0, 2, 1, 5, 3, 4},
                                                  {0, 2, 1, 6, 5, 3, 4},
                                                  {0, 2, 1, 7, 5, 6, 3, 4}}};

}  // namespace

bool has_vorbis_order(const ReadAt& read_at) {
  constexpr std::size_t k_head = 27, k_family = 18;
  const Bytes page(read_at, 0, k_head + 255 + k_family + 1);
  if (!page.has(0, "OggS")) return false;
  const std::size_t packet = k_head + page.at(k_head - 1);
  return !page.has(packet, "OpusHead") || page.at(packet + k_family) == 1;
}

void from_vorbis_order(std::span<float> samples, std::size_t channels) {
  if (channels < 3 || channels == 4 || channels > k_most) return;
  const Order& places = k_places[channels];
  std::array<float, k_most> frame{};
  for (std::size_t first = 0; first + channels <= samples.size(); first += channels) {
    std::copy_n(samples.data() + first, channels, frame.data());
    for (std::size_t i = 0; i < channels; ++i) samples[first + i] = frame[places[i]];
  }
}

}  // namespace kbeat::audio
