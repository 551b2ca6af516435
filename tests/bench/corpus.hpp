// A corpus of synthesised music with known tempo, beats and key, from a published seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kbeat::audio::corpus {

inline constexpr std::uint32_t k_seed = 20'261'129;
inline constexpr double k_rate = 22'050;  // Hz

struct Item {
  std::string style;
  double bpm = 0;             ///< 0: there is no beat
  std::vector<double> beats;  ///< s
  int beats_per_bar = 0;
  int tonic = -1;  ///< semitones over C, -1: no key
  bool minor = false;
  std::vector<float> samples;
};

/// From this index on items are of styles that no training hears.
inline constexpr std::uint32_t k_reserved_from = 100'000;

/// Item `index` is the same for the same index on every machine; styles take turns.
[[nodiscard]] Item make_item(std::uint32_t index);

/// Without making it.
[[nodiscard]] std::string style_of(std::uint32_t index);

/// Those that training hears.
[[nodiscard]] std::size_t style_count();

}  // namespace kbeat::audio::corpus
