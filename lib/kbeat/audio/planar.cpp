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
    std::uint64_t bad = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const float value = in[i * channels];
      const bool sound = std::abs(value) <= k_loudest;  // a NaN is not
      out[i] = sound ? value : 0.0F;
      bad += sound ? 0 : 1;
    }
    m_bad += bad;
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
