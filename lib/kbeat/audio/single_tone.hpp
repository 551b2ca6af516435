// Whether all that sounds is one steady tone or a bare fifth, of which no mode can be known.
#pragma once

#include <vector>

#include "kbeat/audio/chroma.hpp"

namespace kbeat::audio {

/// `lines` by bin, as in ChromaTrack. True when nearly all of what stands out from the spectrum lasts and
/// lies on the harmonics of one fundamental, or of two that are a fifth apart, octaves left out: a note,
/// mains hum, a power chord. A third, of a chord or melody, lies 14 cents and more from any harmonic.
[[nodiscard]] bool is_single_tone(const std::vector<SpectralLine>& lines);

}  // namespace kbeat::audio
