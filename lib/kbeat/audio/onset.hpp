// Onset strength: how much new sound starts in each hundredth of a second, band by band.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "kbeat/audio/float_lanes.hpp"
#include "kbeat/audio/mono_22k.hpp"

namespace kbeat::audio {

inline constexpr std::size_t k_onset_size = 1024, k_onset_hop = 220;   // samples at 22,050 Hz
inline constexpr double k_onset_rate = k_analysis_rate / k_onset_hop;  // frames a second, 100.2

/// Regions of the spectrum, and the whole as plain power, in which a kick is not drowned.
enum OnsetBand : std::size_t { k_below_200, k_to_800, k_to_3200, k_above_3200, k_power, k_onset_bands };

/// Frame t is centred on sample t·k_onset_hop.
struct OnsetTrack {
  std::array<std::vector<float>, k_onset_bands> flux;
  std::vector<float> low_level;  ///< RMS of what lies under 120 Hz
  std::vector<float> level;      ///< RMS, full scale 1

  [[nodiscard]] std::size_t frames() const { return level.size(); }
};

/// SuperFlux (Böck & Widmer, Maximum filter vibrato suppression for onset detection, DAFx 2013) over a
/// triangular bank of 12 bands an octave, summed by region. Fed with the power spectra of Stft.
class OnsetExtractor {
 public:
  OnsetExtractor();
  void write(std::span<const Lanes> power, std::size_t frames);
  [[nodiscard]] OnsetTrack take() { return std::move(m_track); }

 private:
  struct Filter {
    std::size_t first = 0;
    std::vector<float> weights;
    OnsetBand region = k_below_200;
  };
  void make_filters();
  void filter_batch(std::span<const Lanes> power);
  void sum_rises();
  void push_frame(std::size_t lane);

  std::vector<Filter> m_filters;
  std::vector<Lanes> m_bands, m_bands_before;  ///< log magnitude of the batch, and of the one before it
  std::array<Lanes, k_power> m_flux;           ///< of the batch
  Lanes m_bass, m_whole;                       ///< power of the batch
  float m_last_level = 0;
  OnsetTrack m_track;
};

/// A span of onset frames.
struct FrameRange {
  std::size_t first = 0, last = 0;  ///< last is one past the end
  [[nodiscard]] std::size_t size() const { return last - first; }
};

/// Onset strength made even over time: each band less its mean over 1 s, over its RMS of 8 s.
struct OnsetCurves {
  std::array<std::vector<float>, k_onset_bands> bands;
  std::vector<float> all;  ///< weighted sum of the bands, lightly smoothed, in units of its own RMS
  double rise = 0;  ///< RMS of the rise of a band from frame to frame before that, octaves of magnitude

  [[nodiscard]] std::size_t frames() const { return all.size(); }
};

[[nodiscard]] OnsetCurves normalise(const OnsetTrack& track);

/// A part of the curves, as it is in the whole.
[[nodiscard]] OnsetCurves cut(const OnsetCurves& curves, FrameRange range);

/// The highest value of a curve within 3 frames of a time in seconds.
[[nodiscard]] double peak_near(const std::vector<float>& curve, double seconds);

/// Onsets per second: peaks of the curve that stand out of their surroundings.
[[nodiscard]] double onset_rate(const OnsetTrack& track);

}  // namespace kbeat::audio
