// The true peak of ITU-R BS.1770-4 annex 2: the largest value between the samples.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "kbeat/audio/planar.hpp"

namespace kbeat::audio {

/// Oversamples by 4 (by 2 from 88.2 kHz, not at all from 176.4 kHz) with a windowed sinc. A stretch of 64
/// samples is only interpolated when its sample peak, times the most the filter can gain, passes the
/// maximum so far; on most music that skips nearly all of them.
class TruePeakMeter {
 public:
  TruePeakMeter(std::size_t channels, double sample_rate);

  void write(const Planar& block);
  /// Call once, after the last block.
  void finish();

  [[nodiscard]] double peak() const { return m_peak; }

 private:
  static constexpr std::size_t k_taps = 16;  // a phase
  static constexpr std::size_t k_stretch = 64;

  void run_channel(std::vector<float>& history, std::span<const float> samples);
  void interpolate(const float* samples, std::size_t count);

  std::size_t m_factor;
  std::array<float, k_taps / 2> m_half{};  ///< taps half way between two samples
  /// Halves of the sum and of the difference of opposite taps at a quarter.
  std::array<float, k_taps / 2> m_even{}, m_odd{};
  double m_gain = 1;                          ///< the largest sum of magnitudes of a phase
  std::vector<std::vector<float>> m_history;  ///< the last samples of each channel
  std::vector<float> m_work;
  double m_peak = 0;
};

}  // namespace kbeat::audio
