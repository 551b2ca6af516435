// A track with clicks on its beats, to check them by ear.
#pragma once

#include <functional>
#include <string_view>

#include "kbeat/audio/file_reader.hpp"
#include "kbeat/audio/metrics.hpp"

namespace kbeat::audio {

/// Takes the pieces of a file as they are made.
using ByteSink = std::function<void(std::string_view bytes)>;

/// Writes the stretch of `reader` that `analysis` measured, from second `start` on, as 16-bit WAV: the track
/// at -6 dB, a click of 1 kHz on each beat and a higher, louder one on each downbeat. Throws Error{too_large}
/// when that is more than a WAV file holds, and what FileReader throws.
void write_click_track(FileReader& reader, const Analysis& analysis, double start, const ByteSink& sink);

}  // namespace kbeat::audio
