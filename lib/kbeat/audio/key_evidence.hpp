// What speaks for each key that a piece may have.
#pragma once

#include <array>
#include <optional>

#include "kbeat/audio/chroma.hpp"

namespace kbeat::audio {

inline constexpr std::size_t k_keys = 24;  ///< major keys from C, then minor ones

inline constexpr std::size_t k_key_shared = 5, k_key_by_mode = 12 + 24 + 24;

/// What is weighed alike for all keys: whether it is minor, and the correlations of what is heard with four
/// profiles. Then what is weighed apart for major and minor, all of it turned so that the tonic is first: the
/// twelve pitch classes, with mean 0 and length 1; the share of each triad, the twelve major ones first; and
/// how often one is followed by the tonic's.
using KeyFeatures = std::array<double, k_key_shared + k_key_by_mode>;

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
