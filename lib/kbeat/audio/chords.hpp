// Which chord sounds in each bar, as far as triads tell: exploratory.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "kbeat/audio/chroma.hpp"

namespace kbeat::audio {

/// A name such as "Am" or "F#" for each bar, from one downbeat to the next, the last one as long as the one
/// before it; empty where no major or minor triad leads. `downbeats` in seconds of the track. `cents`: how
/// far the track is tuned from 440 Hz; near a quarter tone pitch classes cannot be told and every name is
/// empty.
[[nodiscard]] std::vector<std::string> chords_of_bars(const ChromaTrack& harmony,
                                                      std::span<const double> downbeats, double cents);

}  // namespace kbeat::audio
