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

/// What is heard at beats and around them, each curve in its own RMS.
struct PhaseEvidence {
  static constexpr std::size_t k_size = 12;
  /// Onsets under 200 Hz, to 800 Hz, to 3.2 kHz, above, of plain power; changes of harmony; how much low and
  /// middle onsets alternate from beat to beat; onsets late in the beat less early ones, by thirds and by
  /// quarters; and whether the shift is by quarters, by thirds, which are seldom right.
  std::array<double, k_size> values{};
};

/// One for each of k_phase_shifts. `beats` in seconds, at least three.
[[nodiscard]] std::vector<PhaseEvidence> phase_evidence(const std::vector<double>& beats,
                                                        const OnsetCurves& curves,
                                                        const std::vector<Chroma>& harmony);

/// The shift for which most speaks.
[[nodiscard]] double best_shift(const std::vector<PhaseEvidence>& evidence);

/// Moves beats on by a share of the interval to the next, and fills in what is then missing at the start.
void shift_beats(std::vector<double>& beats, double share);

}  // namespace kbeat::audio
