// Loudness by ITU-R BS.1770-4 and loudness range by EBU Tech 3342.
#pragma once

#include <optional>
#include <vector>

#include "kbeat/audio/k_weighting.hpp"
#include "kbeat/audio/planar.hpp"

namespace kbeat::audio {

/// Feeds on blocks at the native rate; keeps one number for each 100 ms, and one for each 20 ms of it.
class LoudnessMeter {
 public:
  /// Channels in WAV order: 4 are L R Ls Rs, 5 are L R C Ls Rs, 6 are L R C LFE Ls Rs, 7 are L R C LFE back
  /// and sides, 8 are L R C LFE, two backs and two sides; sides weigh +1.5 dB and the LFE nothing.
  LoudnessMeter(std::size_t channels, double sample_rate);

  void write(const Planar& block);

  /// LUFS over the whole, gated at -70 LUFS and 10 LU under the mean; nothing for silence or under 400 ms.
  [[nodiscard]] std::optional<double> integrated() const;
  /// LU between the 10th and 95th percentile of 3 s loudness; nothing for silence or under 3 s.
  [[nodiscard]] std::optional<double> range() const;

  /// LUFS of the loudest 400 ms and of the loudest 3 s (EBU Tech 3341), found to 20 ms.
  [[nodiscard]] std::optional<double> momentary_max() const;
  [[nodiscard]] std::optional<double> short_term_max() const;

  /// Weighted mean square of each whole 100 ms.
  [[nodiscard]] const std::vector<float>& steps() const { return m_steps; }

 private:
  void run_pair(const Planar& block, std::size_t pair, std::size_t first, std::size_t count);
  void close_fine_step();
  [[nodiscard]] std::optional<double> loudest(std::size_t fine_steps) const;
  [[nodiscard]] std::vector<double> windows(std::size_t length, std::size_t hop) const;

  std::size_t m_step_frames, m_filled = 0;
  std::vector<double> m_weights;      ///< a channel
  std::vector<KWeighting> m_filters;  ///< a pair of channels
  double m_sum = 0;                   ///< of the fine step that is being filled
  double m_step_sum = 0;              ///< of the whole ones before it in its step
  std::vector<float> m_steps, m_fine_steps;
};

/// LUFS of a weighted mean square.
[[nodiscard]] double to_lufs(double mean_square);

}  // namespace kbeat::audio
