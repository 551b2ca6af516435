// Whether beats lie on the beat or half way between.
#pragma once

#include <array>
#include <vector>

#include "kbeat/audio/chroma.hpp"
#include "kbeat/audio/onset.hpp"

namespace kbeat::audio {

/// What is heard at the beats less what is heard half way between them, each in the curve's own RMS.
struct PhaseEvidence {
  static constexpr std::size_t k_size = 6;
  /// Onsets under 200 Hz, to 800 Hz, to 3.2 kHz, above, of plain power; and changes of harmony.
  std::array<double, k_size> values{};
};

/// `beats` in seconds, at least three.
[[nodiscard]] PhaseEvidence phase_evidence(const std::vector<double>& beats, const OnsetCurves& curves,
                                           const std::vector<Chroma>& harmony);

/// Log odds that the beats are on the beat.
[[nodiscard]] double phase_odds(const PhaseEvidence& evidence);

/// Moves the beats of a track by half a beat when more speaks for that: a tracker follows the loudest
/// onsets, which may be hats or snares between the beats.
void correct_phase(std::vector<double>& beats, const OnsetCurves& curves, const std::vector<Chroma>& harmony);

}  // namespace kbeat::audio
