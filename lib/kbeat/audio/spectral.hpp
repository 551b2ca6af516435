// Spectral measures frame by frame, by librosa's definitions, summed up over the track.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "kbeat/audio/float_lanes.hpp"
#include "kbeat/audio/metrics.hpp"
#include "kbeat/audio/mono_22k.hpp"

namespace kbeat::audio {

inline constexpr std::size_t k_spectral_size = 2048, k_spectral_hop = 512;  // samples at 22,050 Hz

[[nodiscard]] Statistic summarise(std::vector<float> values);

/// Centroid, bandwidth, rolloff, flatness, contrast and flux of power spectra from Stft.
class SpectralShape {
 public:
  SpectralShape();
  void write(std::span<const Lanes> power, std::size_t frames);
  void summarise_into(ExtraMetrics& out);

 private:
  static constexpr std::size_t k_contrast_bands = 7;
  struct Band {
    std::size_t first = 0, last = 0, edge = 0;  ///< last is one past the end; edge: values in a mean
  };
  void shape_batch(std::size_t frames);
  void flatness_batch(std::span<const Lanes> power, std::size_t frames);
  void push_frame(std::size_t lane);

  std::array<Band, k_contrast_bands> m_contrast_bands;
  std::vector<Lanes> m_magnitudes;
  std::vector<float> m_now, m_before, m_sorted;
  std::vector<float> m_centroid, m_bandwidth, m_rolloff, m_flatness, m_flux;
  std::array<std::vector<float>, k_contrast_bands> m_peaks, m_valleys;  ///< dB
};

/// Zero crossings and RMS of centred frames, from sums over the hops they are made of.
class FrameLevels {
 public:
  void write(std::span<const float> samples);
  void summarise_into(ExtraMetrics& out) const;

 private:
  struct Hop {
    float squares = 0;
    int crossings = 0;  ///< at samples of this hop, each against the sample before
    bool crosses_at_start = false;
  };
  std::vector<Hop> m_hops;
  std::size_t m_filled = k_spectral_hop;
  std::size_t m_samples = 0;
  bool m_negative = false;
};

}  // namespace kbeat::audio
