// Tells the file of a loop from one that only happens to be some beats long.
#pragma once

#include "kbeat/audio/onset.hpp"

namespace kbeat::audio {

/// True when what is heard fits a loop of `beats` beats that fills the curves from their first frame to their
/// last: the beats that can be tracked are as many, and where the loop's lie there is something to hear. Of a
/// file too short to be tracked only the latter is asked.
[[nodiscard]] bool sounds_like_loop(const OnsetCurves& curves, int beats);

}  // namespace kbeat::audio
