// A block of audio, channel by channel.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace kbeat::audio {

/// Equal-length channels of finite samples.
using Planar = std::vector<std::vector<float>>;

/// Cuts interleaved samples of any length into planar blocks of a fixed length, so that nothing downstream
/// depends on how they came. NaN and infinities become 0 and are counted.
class Deinterleaver {
 public:
  Deinterleaver(std::size_t channels, std::size_t frames);

  /// Takes samples from the front of `interleaved` until the block is full or they are used up; true when
  /// the block is full and to be processed before the next call.
  [[nodiscard]] bool take(std::span<const float>& interleaved);

  /// The full block, or what there is of the last one after cut().
  [[nodiscard]] const Planar& block() const { return m_block; }
  /// Shortens the last block to the frames it got; false when that is none.
  [[nodiscard]] bool cut();

  [[nodiscard]] std::uint64_t bad_samples() const { return m_bad; }
  [[nodiscard]] std::uint64_t total_frames() const { return m_total; }

 private:
  std::size_t m_frames, m_filled = 0;
  Planar m_block;
  std::uint64_t m_bad = 0, m_total = 0;
};

}  // namespace kbeat::audio
