// The key of a piece from its pitch classes.
#pragma once

#include <optional>
#include <string>

#include "kbeat/audio/chroma.hpp"

namespace kbeat::audio {

struct Key {
  int tonic = 0;  ///< semitones over C
  bool minor = false;
  friend bool operator==(const Key&, const Key&) = default;
};

struct KeyEstimate {
  std::optional<Key> key;  ///< nothing when the music has no tones or none that lead
  std::optional<Key> alternative;
  double confidence = 0;         ///< 0 to 1
  std::optional<double> tuning;  ///< Hz of A4, within a quarter tone of 440
};

[[nodiscard]] KeyEstimate estimate_key(const ChromaTrack& track);

[[nodiscard]] std::string key_name(Key key);  ///< "C# minor"
[[nodiscard]] std::string camelot(Key key);   ///< "12A": the disc jockeys' circle of fifths, A is minor
[[nodiscard]] std::string open_key(Key key);  ///< "5m": the same circle counted from C major = 1d

}  // namespace kbeat::audio
