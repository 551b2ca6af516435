// At which periods the onsets of a track repeat.
#pragma once

#include <vector>

#include "kbeat/audio/lanes_fft.hpp"
#include "kbeat/audio/onset.hpp"

namespace kbeat::audio {

/// What correlating needs, which is worth keeping from one to the next. For one thread.
struct CorrelationScratch {
  CorrelationScratch();

  LanesFft fft;
  std::vector<Lanes> power, imaginary;
};

/// Strength of each tempo from 40 to 250 bpm.
class Periodicity {
 public:
  static constexpr double k_slowest = 40, k_fastest = 250;          // bpm
  static constexpr std::size_t k_window = 802, k_window_hop = 401;  // frames, 8 s and half of it

  /// Generalised autocorrelation (Tolonen & Karjalainen, A computationally efficient multipitch analysis
  /// model, 2000) of each band in windows of 8 s, summed, then a comb over the first four multiples of a
  /// period (Percival & Tzanetakis, Streamlined tempo estimation, TASLP 2014).
  explicit Periodicity(const OnsetCurves& curves);
  Periodicity(const OnsetCurves& curves, FrameRange range, CorrelationScratch& scratch);

  /// Autocorrelation at a lag in frames, 1 at lag 0, on a straight line between frames.
  [[nodiscard]] double at_lag(double frames) const;

  /// In frames; correlations at longer ones are not known.
  [[nodiscard]] double longest_lag() const { return static_cast<double>(m_correlation.size()) - 1; }

  /// The comb at a tempo in bpm; about 1 for a machine, 0 for noise.
  [[nodiscard]] double comb(double bpm) const;

  /// Local maxima of the comb, the strongest first, at most `count`.
  [[nodiscard]] std::vector<double> peaks(std::size_t count) const;

 private:
  std::vector<double> m_correlation;
};

}  // namespace kbeat::audio
