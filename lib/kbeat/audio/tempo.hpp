// Chooses the tempo, and the octave of it, that a track's onsets speak for.
#pragma once

#include <optional>

#include "kbeat/audio/onset.hpp"

namespace kbeat::audio {

enum class Style { any, hiphop, electronic, rock };

struct TempoOptions {
  double slowest = 40, fastest = 250;  ///< bpm; the answer lies between, folded by octaves where possible
  Style style = Style::any;
};

struct TempoEstimate {
  double bpm = 0;                     ///< of the chosen candidate
  double raw = 0;                     ///< the strongest periodicity, whatever its octave
  std::optional<double> alternative;  ///< the best candidate an octave away
  int loop_beats = 0;                 ///< when the file is a loop of so many beats, else 0
  double presence = 0;                ///< 0 to 1: that there is a beat
  double confidence = 0;              ///< 0 to 1: that there is a beat and it is this, or an octave of this
  double octave_confidence = 0;       ///< 0 to 1: that the octave is right, if there is a beat
};

/// The length of a file that may be a loop, in seconds; 0 when it is too long or begins or ends in silence.
[[nodiscard]] double loop_length(double duration, double silence_head, double silence_tail);

/// `loop_seconds`: as loop_length() says.
/// Nothing when no candidate can be tracked (under about two beats of sound), and when neither one nor an
/// octave of the best lies in the range asked for.
[[nodiscard]] std::optional<TempoEstimate> estimate_tempo(const OnsetCurves& curves, double loop_seconds,
                                                          const TempoOptions& options);

}  // namespace kbeat::audio
