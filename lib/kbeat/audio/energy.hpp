// Derived measures of how a track feels: energy, danceability, dynamic complexity.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace kbeat::audio {

struct EnergyInput {
  std::optional<double> lufs;
  double onset_rate = 0;  ///< per second
  std::optional<double> crest_db;
};

/// 0 to 100: half loudness (-30 to -6 LUFS), three tenths onsets (0 to 8 a second), two tenths density
/// (crest factor 20 to 6 dB). Nothing for silence. Part of the analysis version.
[[nodiscard]] std::optional<double> energy(const EnergyInput& input);

/// Mean distance in dB of the loudness of 200 ms from the whole's, in which loud frames count more (Vickers,
/// Automatic long-term loudness and dynamics matching, AES 2001; Streich, Music complexity, PhD thesis, UPF
/// 2006). `steps`: weighted mean squares of 100 ms. Nothing for silence, which does not count.
[[nodiscard]] std::optional<double> dynamic_complexity(std::span<const float> steps);

/// 0 to 3: one over the mean scaling exponent of the level's detrended fluctuations (Streich & Herrera,
/// Detrended fluctuation analysis of music signals: danceability estimation and further semantic
/// characterization, AES 2005). `level`: root of the power, at `rate` a second. Nothing under 10 s and where
/// the level hardly moves.
[[nodiscard]] std::optional<double> danceability(std::span<const float> level, double rate);

/// Mean level of each second in dBFS; silence is -120.
[[nodiscard]] std::vector<double> energy_curve(std::span<const float> level, double rate);

/// The loudest level of each of at most 200 equal stretches, 0 to 1: the track at a glance, however short.
[[nodiscard]] std::vector<double> waveform(std::span<const float> level);

}  // namespace kbeat::audio
