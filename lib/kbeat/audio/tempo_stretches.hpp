// Finds the stretches of a track that keep tempi of their own.
#pragma once

#include <vector>

#include "kbeat/audio/beat_track.hpp"
#include "kbeat/audio/onset.hpp"
#include "kbeat/audio/tempo.hpp"

namespace kbeat::audio {

/// Onset frames that keep one tempo.
struct TempoStretch {
  FrameRange range;
  TempoEstimate tempo;
};

/// Two or three stretches that together are the whole track, when one part of it clearly has another steady
/// tempo than what is around it: no octave, third or triple of that. Each lasts for 12 s at least, and where
/// it begins is known to about 4 s. Else nothing, also where what sets in or leaves off has no tempo that is
/// heard clearly: breaks, intros without drums, tempi that drift.
[[nodiscard]] std::vector<TempoStretch> find_tempo_stretches(const OnsetCurves& curves,
                                                             const TempoOptions& options);

/// The first of the longest stretches. There must be one.
[[nodiscard]] const TempoStretch& longest(const std::vector<TempoStretch>& stretches);

/// The share of the track that has the longest stretch's tempo or a relative of it.
[[nodiscard]] double share_of_longest(const std::vector<TempoStretch>& stretches);

}  // namespace kbeat::audio
