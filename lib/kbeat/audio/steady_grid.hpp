// The even grid that a machine's beats lie on.
#pragma once

#include <span>
#include <vector>

namespace kbeat::audio {

struct SteadyGrid {
  double period = 0;     ///< in the unit of the beats
  double phase = 0;      ///< of one of its beats, the one most of those given agree with
  double coherence = 0;  ///< 0 to 1: that beats lie on the grid or half way between
  double spread = 0;     ///< typical distance from there

  /// Whether the beats are taken for a machine's. Of beats that have nothing to do with the grid the typical
  /// one is an eighth of the period away.
  [[nodiscard]] bool steady() const { return spread < 0.03 * period || coherence > 0.85; }
};

/// Of no values: 0.
[[nodiscard]] double mean(const std::vector<double>& values);

/// The middle of the values by size, the upper of the two where their number is even. Needs at least one.
[[nodiscard]] double median(std::vector<double> values);

/// `period`: about how far the beats are apart. What counts is where each lies within half a period, so that
/// a tracker which changed over to the off-beats for a while, or left some out, does no harm.
[[nodiscard]] SteadyGrid fit_steady_grid(std::span<const double> beats, double period);

}  // namespace kbeat::audio
