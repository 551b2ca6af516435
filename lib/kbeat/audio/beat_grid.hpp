// Turns tracked beats into times and the tempo they keep.
#pragma once

#include <vector>

#include "kbeat/audio/chroma.hpp"
#include "kbeat/audio/onset.hpp"
#include "kbeat/audio/steady_grid.hpp"
#include "kbeat/audio/tempo_stretches.hpp"

namespace kbeat::audio {

struct BeatGrid {
  std::vector<double> beats;  ///< s
  double bpm = 0;             ///< by least squares over the beats
  double stability = 0;       ///< 0 to 1: one less ten times the spread of the intervals
  bool changes = false;       ///< the first and last thirds differ by more than 2 %, or there are stretches
};

/// Where there is sound, in seconds.
struct Sounding {
  double first = 0, last = 0;
};

/// `beats`: in onset frames, at least three. Those of a machine are set on their even grid, which is laid
/// over all that sounds.
[[nodiscard]] BeatGrid make_grid(const std::vector<double>& beats, Sounding sounding);

/// Each stretch tracked at its own tempo, on its own grid and moved to its own phase; the tempo is the
/// longest one's. Without beats when none could be tracked there.
[[nodiscard]] BeatGrid make_stretched_grid(const OnsetCurves& curves, const std::vector<Chroma>& harmony,
                                           const std::vector<TempoStretch>& stretches, Sounding sounding);

/// The grid of a loop, which starts on a beat and holds `count` of them.
[[nodiscard]] BeatGrid make_loop_grid(double seconds, int count);

}  // namespace kbeat::audio
