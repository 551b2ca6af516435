// What speaks for each key that a piece may have.
#pragma once

#include <array>
#include <optional>

#include "kbeat/audio/chroma.hpp"

namespace kbeat::audio {

inline constexpr std::size_t k_keys = 24;  ///< major keys from C, then minor ones

/// Correlations of what is heard with four profiles, the mean over segments and the share of segments that
/// lead to this key, the third that tells major from minor, the end's correlation, and whether it is minor.
using KeyFeatures = std::array<double, 9>;

struct KeyEvidence {
  std::array<KeyFeatures, k_keys> keys{};
  /// What speaks for there being a key at all: logarithms of the share of magnitude in tones where they come
  /// out best and in the middle, the same of tones that last, the best correlation, how far it leads, the
  /// logarithm of how uneven the pitch classes are and those of tones that last (drums have few), the best
  /// correlation of the latter.
  std::array<double, 9> presence{};
  double tuning = 0;  ///< semitones over A4 = 440 Hz
};

/// Nothing when there is not one tone.
[[nodiscard]] std::optional<KeyEvidence> gather_key_evidence(const ChromaTrack& track);

}  // namespace kbeat::audio
