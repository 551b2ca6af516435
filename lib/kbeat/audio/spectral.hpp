// Spectral measures frame by frame, by librosa's definitions, summed up over the track.
#pragma once

#include <deque>
#include <span>
#include <vector>

#include "kbeat/audio/float_lanes.hpp"
#include "kbeat/audio/metrics.hpp"
#include "kbeat/audio/mono_22k.hpp"

namespace kbeat::audio {

inline constexpr std::size_t k_spectral_size = 2048, k_spectral_hop = 512;  // samples at 22,050 Hz

/// One value a frame. A deque, since a vector that grows leaves twice its size behind.
using FrameValues = std::deque<float>;

[[nodiscard]] Statistic summarise(const FrameValues& values);

/// Centroid, bandwidth, rolloff, flatness and flux of magnitude spectra.
class SpectralShape {
 public:
  SpectralShape();
  /// The same spectra as power and as its root.
  void write(std::span<const Lanes> power, std::span<const Lanes> magnitudes, std::size_t frames);
  void summarise_into(ExtraMetrics& out);

 private:
  void shape_batch(std::span<const Lanes> magnitudes, std::size_t frames);
  void rolloff_batch(std::span<const Lanes> magnitudes, std::size_t frames);
  void flatness_batch(std::span<const Lanes> power, std::size_t frames);
  void flux_batch(std::span<const Lanes> magnitudes, std::size_t frames);

  std::vector<float> m_before;     ///< the magnitudes of the last frame
  std::vector<Lanes> m_stretches;  ///< sums of magnitudes over neighbouring bins
  FrameValues m_centroid, m_bandwidth, m_rolloff, m_flatness, m_flux;
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
  void add(std::span<const float> part, Hop& hop);

  std::deque<Hop> m_hops;
  std::size_t m_filled = k_spectral_hop;
  std::size_t m_samples = 0;
  bool m_negative = false;
};

}  // namespace kbeat::audio
