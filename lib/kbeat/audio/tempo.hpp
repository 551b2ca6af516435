// Chooses the tempo, and the octave of it, that a track's onsets speak for.
#pragma once

#include <optional>
#include <vector>

#include "kbeat/audio/beat_track.hpp"
#include "kbeat/audio/periodicity.hpp"

namespace kbeat::audio {

inline constexpr double k_longest_loop_seconds = 40;

enum class Style { any, hiphop, electronic, rock };

struct TempoOptions {
  double slowest = 40, fastest = 250;  ///< bpm; the answer is folded into it by octaves where possible
  Style style = Style::any;
};

/// What tracking one candidate on an excerpt shows; strengths are in units of the curve's RMS.
struct TempoEvidence {
  double bpm = 0;
  double comb = 0;                 ///< periodicity relative to the strongest candidate
  double on = 0;                   ///< onset strength on the beats
  double off = 0;                  ///< half way between them
  double quarter = 0;              ///< a quarter and three quarters of the way
  double low_on = 0, low_off = 0;  ///< the same in the lowest band
  double backbeat = 0;             ///< kick and snare take turns from beat to beat
  double half_backbeat = 0;        ///< they take turns between beats and half beats: the tempo is twice this
  double log2_bpm = 0;             ///< octaves over 120 bpm
  double density = 0;              ///< onsets a beat, octaves over one
  double loop = 0;                 ///< 1 when the file holds 4, 8, 16 … beats of this tempo exactly
};

struct TempoEstimate {
  double bpm = 0;                     ///< of the chosen candidate
  double raw = 0;                     ///< the strongest periodicity, whatever its octave
  std::optional<double> alternative;  ///< the best candidate an octave away
  int loop_beats = 0;                 ///< when the file is a loop of so many beats, else 0
  double confidence = 0;              ///< 0 to 1: that there is a beat and it is this, or an octave of this
  double octave_confidence = 0;       ///< 0 to 1: that the octave is right, if there is a beat
};

/// `loop_seconds`: the length of a file that may be a loop, 0 when it is too long or has silent ends.
/// Nothing when no candidate can be tracked (under about two beats of sound).
[[nodiscard]] std::optional<TempoEstimate> estimate_tempo(const OnsetCurves& curves, double loop_seconds,
                                                          const TempoOptions& options);

/// The evidence for each candidate, the input of the decision.
[[nodiscard]] std::vector<TempoEvidence> gather_evidence(const OnsetCurves& curves, double loop_seconds,
                                                         const Periodicity& periodicity);

}  // namespace kbeat::audio
