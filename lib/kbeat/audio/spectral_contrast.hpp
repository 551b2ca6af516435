// How far the peaks of a spectrum stand over its valleys, octave by octave.
#pragma once

#include <array>
#include <span>

#include "kbeat/audio/float_lanes.hpp"
#include "kbeat/audio/metrics.hpp"
#include "kbeat/audio/spectral.hpp"

namespace kbeat::audio {

/// Jiang, Lu, Zhang, Tao & Cai, Music type classification by spectral contrast feature, ICME 2002, in
/// librosa's form: the mean of the highest and of the lowest 2 % of a band's bins, in decibels cut off 80
/// under the loudest of the track.
class SpectralContrast {
 public:
  SpectralContrast();
  void write(std::span<const Lanes> magnitudes, std::size_t frames);
  void summarise_into(ExtraMetrics& out);

 private:
  static constexpr std::size_t k_bands = 7;
  struct Band {
    std::size_t first = 0, last = 0, edge = 0;  ///< last is one past the end; edge: values in a mean
  };
  void write_band(std::size_t number, std::span<const Lanes> magnitudes, std::size_t frames);

  std::array<Band, k_bands> m_bands;
  std::array<FrameValues, k_bands> m_peaks, m_valleys;  ///< dB
};

}  // namespace kbeat::audio
