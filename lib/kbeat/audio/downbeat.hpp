// Which beats begin bars.
#pragma once

#include <optional>
#include <vector>

#include "kbeat/audio/chroma.hpp"
#include "kbeat/audio/onset.hpp"

namespace kbeat::audio {

struct Meter {
  std::optional<int> beats_per_bar;  ///< 3 or 4; nothing when no beat of the bar stands out
  std::size_t first = 0;             ///< index of the first beat that begins a bar
};

/// A bar begins where low sounds start and the harmony changes, and seldom with a snare.
[[nodiscard]] Meter find_meter(const std::vector<double>& beats, const OnsetCurves& curves,
                               const std::vector<Chroma>& chroma);

}  // namespace kbeat::audio
