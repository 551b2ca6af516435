// A block of audio, channel by channel.
#include "kbeat/audio/planar.hpp"

#include <algorithm>
#include <cmath>

namespace kbeat::audio {

namespace {

// With -ffast-math a compiler may take it for granted that there are no NaN, and this test for always true.
static_assert(__FINITE_MATH_ONLY__ == 0, "audio is compiled without -ffast-math");

/// +120 dBFS: no sound is louder, and the square of no spectrum of it overflows.
constexpr float k_loudest = 1e6F;

/// Every `step`-th sample, those that are no sound as 0; returns how many of those there were.
[[gnu::always_inline]] inline std::uint32_t take_channel(const float* in, std::size_t step, std::size_t count,
                                                         float* out) {
  std::uint32_t bad = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const float value = in[i * step];
    const bool sound = std::abs(value) <= k_loudest;  // a NaN is not
    out[i] = sound ? value : 0.0F;
    bad += sound ? 0 : 1;
  }
  return bad;
}

}  // namespace

Deinterleaver::Deinterleaver(std::size_t channels, std::size_t frames)
    : m_frames(frames), m_block(channels, std::vector<float>(frames)) {}

bool Deinterleaver::take(std::span<const float>& interleaved) {
  if (m_filled == m_frames) m_filled = 0;
  const std::size_t channels = m_block.size();
  const std::size_t count = std::min(m_frames - m_filled, interleaved.size() / channels);
  for (std::size_t c = 0; c < channels; ++c) {
    float* out = m_block[c].data() + m_filled;
    const float* in = interleaved.data() + c;
    // Of one and two channels with a step that the compiler knows.
    m_bad += channels == 1   ? take_channel(in, 1, count, out)
             : channels == 2 ? take_channel(in, 2, count, out)
                             : take_channel(in, channels, count, out);
  }
  m_filled += count;
  m_total += count;
  interleaved = interleaved.subspan(count * channels);
  return m_filled == m_frames;
}

bool Deinterleaver::cut() {
  if (m_filled == m_frames) m_filled = 0;
  for (auto& channel : m_block) channel.resize(m_filled);
  return m_filled > 0;
}

}  // namespace kbeat::audio
