// Where within the beat the beats of a tracker lie.
#pragma once

#include <array>
#include <vector>

#include "kbeat/audio/chroma.hpp"
#include "kbeat/audio/onset.hpp"

namespace kbeat::audio {

/// By how much of a beat beats may have to be moved on: a tracker follows the loudest onsets, which may be
/// hats or snares between the beats, or the late notes of a swung bar.
inline constexpr std::array k_phase_shifts = {0.0, 1.0 / 2, 1.0 / 4, 3.0 / 4, 1.0 / 3, 2.0 / 3};

/// What is heard at beats and half a beat later, each curve in its own RMS: `on` and `off` of the onsets of a
/// band, what the one is over the other, changes of harmony, how much low and middle onsets alternate from
/// beat to beat; the low and plain power that three quarters of the beats have, as kicks on every one give;
/// how far low and high onsets come together, as struck ones do; onsets late in the beat less early ones, by
/// thirds and by quarters; the tempo; and whether the shift is by a half, by quarters, by thirds, which are
/// seldom right.
inline constexpr std::array k_phase_features = {"low",
                                                "low_mid",
                                                "mid",
                                                "high",
                                                "power",
                                                "all",
                                                "low_lead",
                                                "low_mid_lead",
                                                "mid_lead",
                                                "high_lead",
                                                "power_lead",
                                                "all_lead",
                                                "harmony",
                                                "harmony_lead",
                                                "low_alternation",
                                                "mid_alternation",
                                                "low_alternation_lead",
                                                "mid_alternation_lead",
                                                "low_least",
                                                "low_least_lead",
                                                "power_least_lead",
                                                "struck",
                                                "struck_lead",
                                                "late_third",
                                                "late_quarter",
                                                "log2_bpm",
                                                "by_half",
                                                "by_quarter",
                                                "by_third"};
using PhaseFeatures = std::array<double, k_phase_features.size()>;

/// One for each of k_phase_shifts. `beats` in seconds, at least three.
[[nodiscard]] std::vector<PhaseFeatures> phase_evidence(const std::vector<double>& beats,
                                                        const OnsetCurves& curves,
                                                        const std::vector<Chroma>& harmony);

/// The shift for which most speaks.
[[nodiscard]] double best_shift(const std::vector<PhaseFeatures>& evidence);

/// Moves beats on by a share of the interval to the next, and fills in what is then missing at the start.
void shift_beats(std::vector<double>& beats, double share);

}  // namespace kbeat::audio
