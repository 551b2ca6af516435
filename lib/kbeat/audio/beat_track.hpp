// Finds the beats of a track once its period is known roughly.
#pragma once

#include <vector>

#include "kbeat/audio/onset.hpp"

namespace kbeat::audio {

/// Beats in frames of the curve (fractions by a parabola through the peak nearby), within `range`.
/// A bar pointer model (Krebs, Böck & Widmer, An efficient state-space model for joint tempo and meter
/// tracking, ISMIR 2015) solved over beat starts only: the state at a beat is the interval before it, from
/// 0.8 to 1.25 of `period` frames, and a change of interval costs as in that model.
[[nodiscard]] std::vector<double> track_beats(const std::vector<float>& curve, FrameRange range,
                                              double period);

}  // namespace kbeat::audio
