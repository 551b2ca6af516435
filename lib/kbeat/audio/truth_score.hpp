// How well answers agree with a human's truth, by the definitions of the field's evaluations.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace kbeat::audio {

/// Each 0 or 1. No answer is a wrong one.
struct TempoScore {
  double acc1 = 0;         ///< within 4 % of the truth
  double acc1_strict = 0;  ///< within 1 %
  double acc2 = 0;         ///< within 4 % of the truth or twice, three times, half or a third of it
};

/// Gouyon et al., An experimental comparison of audio tempo induction algorithms, IEEE TASLP 2006.
[[nodiscard]] TempoScore score_tempo(double truth, std::optional<double> found);

/// F-measure with a window of 70 ms, beats before 5 s left out where the truth reaches 20 s (Davies, Degara &
/// Plumbley, Evaluation methods for musical audio beat tracking algorithms, QMUL 2009; mir_eval leaves them
/// out of short tracks too, which leaves nothing to score). Both in rising order, seconds.
[[nodiscard]] double score_beats(std::span<const double> truth, std::span<const double> found);

struct NamedKey {
  int tonic = 0;  ///< semitones over C
  bool minor = false;
};

/// Reads "C# minor", "Dbm", "a" (lower case is no minor), "F-sharp major" …; nothing for anything else.
[[nodiscard]] std::optional<NamedKey> parse_key(std::string_view text);

/// MIREX's weights: 1 for the key, 0.5 for a fifth above, 0.3 for the relative, 0.2 for the parallel one.
[[nodiscard]] double score_key(NamedKey truth, std::optional<NamedKey> found);

struct MeanWithInterval {
  double mean = 0;
  double low = 0, high = 0;  ///< 95 % of bootstrap means lie between
  std::size_t count = 0;
};

/// Bootstrap percentiles (Efron, Bootstrap methods: another look at the jackknife, Annals of Statistics 1979)
/// of 2000 draws, the same each time. Nothing for no values.
[[nodiscard]] std::optional<MeanWithInterval> mean_with_interval(std::span<const double> values);

}  // namespace kbeat::audio
