// Turns tracked beats into times and the tempo they keep.
#pragma once

#include <vector>

#include "kbeat/audio/onset.hpp"

namespace kbeat::audio {

struct BeatGrid {
  std::vector<double> beats;  ///< s
  double bpm = 0;             ///< by least squares over the beats
  double stability = 0;       ///< 0 to 1: one less ten times the spread of the intervals
  bool changes = false;       ///< the first and last thirds differ by more than 2 %
};

/// `beats`: in onset frames, at least three. Sets those of a machine on the line through them.
[[nodiscard]] BeatGrid make_grid(const std::vector<double>& beats);

/// The grid of a loop, which starts on a beat and holds `count` of them, when the onsets agree with it about
/// as well as with the tracked `beats`; else as above.
[[nodiscard]] BeatGrid make_loop_grid(const std::vector<float>& curve, const std::vector<double>& beats,
                                      double seconds, int count);

}  // namespace kbeat::audio
