// Mel-frequency cepstral coefficients by librosa's definition.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "kbeat/audio/float_lanes.hpp"
#include "kbeat/audio/metrics.hpp"
#include "kbeat/audio/spectral.hpp"

namespace kbeat::audio {

inline constexpr std::size_t k_mfcc = 13, k_mel_bands = 128;

/// Slaney's mel bands of unit area to 11,025 Hz, decibels cut off 80 under the loudest, orthonormal cosine
/// transform. The loudest is that of the frames so far, of the first 30 s at least.
class MfccMeter {
 public:
  MfccMeter();
  void write(std::span<const Lanes> power, std::size_t frames);
  void summarise_into(ExtraMetrics& out);

 private:
  struct Band {
    std::size_t first = 0;
    std::vector<float> weights;
  };
  using Row = std::array<float, k_mel_bands>;
  void transform(Row& decibels);
  void settle();

  std::vector<Band> m_bands;
  std::vector<Row> m_waiting;  ///< decibels of frames whose floor is not known yet
  bool m_settled = false;
  float m_loudest = -1000;
  std::array<Row, k_mfcc> m_cosines;
  std::array<FrameValues, k_mfcc> m_coefficients;
};

}  // namespace kbeat::audio
