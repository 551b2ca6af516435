// BEAT_CREATED {beatId, audioUrl, userId}: measures the beat.
#pragma once

#include <memory>

#include "kbeat/handlers/beat_measurer.hpp"

namespace kbeat::handlers {

[[nodiscard]] std::unique_ptr<Handler> make_beat_created(std::shared_ptr<BeatMeasurer> measurer);

}  // namespace kbeat::handlers
