// What speaks for each tempo that a track may have.
#pragma once

#include <array>
#include <vector>

#include "kbeat/audio/beat_track.hpp"
#include "kbeat/audio/periodicity.hpp"

namespace kbeat::audio {

/// What tracking one candidate on an excerpt shows; strengths are in units of the curve's RMS.
struct TempoEvidence {
  double bpm = 0;
  int loop_beats = 0;                 ///< when the file would be a loop of so many beats, else 0
  double comb = 0;                    ///< periodicity relative to the strongest candidate
  double comb_half = 0;               ///< the same at half the tempo,
  double comb_double = 0;             ///< at twice,
  double comb_triple = 0;             ///< at three times
  std::array<double, 4> comb_near{};  ///< and at 2/3, 3/4, 4/3 and 3/2
  double beat_lag = 0;                ///< correlation one beat apart
  double bar_lag = 0;                 ///< four beats apart, less that of three
  double on = 0;                      ///< onset strength on the beats
  double off = 0;                     ///< half way between them
  double quarter = 0;                 ///< a quarter and three quarters of the way
  double third = 0;                   ///< a third and two thirds of the way
  double low_on = 0, low_off = 0;     ///< in the lowest band
  double mid_on = 0, mid_off = 0;     ///< where snares are
  double high_on = 0, high_off = 0;   ///< where hats are
  double backbeat = 0;                ///< kick and snare take turns from beat to beat
  double half_backbeat = 0;  ///< they take turns between beats and half beats: the tempo is twice this
  double log2_bpm = 0;       ///< octaves over 120 bpm
  double density = 0;        ///< onsets a beat, octaves over one
  double seconds = 0;        ///< that are heard
  double coherence = 0;      ///< 0 to 1: the beats lie on an even grid
  double whole = 0;          ///< 0 to 1: a whole number of beats a minute, as machines are set to
};

inline constexpr std::array k_tempo_features = {"comb",
                                                "comb_half",
                                                "comb_double",
                                                "comb_triple",
                                                "comb_two_thirds",
                                                "comb_three_quarters",
                                                "comb_four_thirds",
                                                "comb_three_halves",
                                                "beat_lag",
                                                "bar_lag",
                                                "on",
                                                "off",
                                                "quarter",
                                                "third",
                                                "off_share",
                                                "quarter_share",
                                                "low_on",
                                                "low_off",
                                                "mid_on",
                                                "mid_off",
                                                "high_on",
                                                "high_off",
                                                "backbeat",
                                                "half_backbeat",
                                                "density",
                                                "log2_bpm",
                                                "log2_onset_rate",
                                                "coherence",
                                                "whole",
                                                "loop",
                                                "loop_of_three",
                                                "log2_seconds"};
using TempoFeatures = std::array<double, k_tempo_features.size()>;

/// The evidence as what the decision weighs, in the order of the names.
[[nodiscard]] TempoFeatures tempo_features(const TempoEvidence& evidence);

/// What speaks for there being a beat at all: the strongest periodicity, how much onsets rise, the length,
/// the number of onsets, the best any candidate's beats are hit, stand out and lie evenly, a loop's whole
/// tempo.
using PresenceFeatures = std::array<double, 8>;
[[nodiscard]] PresenceFeatures presence_features(const std::vector<TempoEvidence>& evidence,
                                                 const OnsetCurves& curves, const Periodicity& periodicity);

/// The evidence for each candidate: the peaks of the periodicity, what is simply related to them and, when
/// `loop_seconds` (the length of a file that may be a loop, else 0) is given, what would fill the file.
[[nodiscard]] std::vector<TempoEvidence> gather_evidence(const OnsetCurves& curves, double loop_seconds,
                                                         const Periodicity& periodicity);

/// Within 3 % of each other.
[[nodiscard]] bool same_tempo(double a, double b);

}  // namespace kbeat::audio
