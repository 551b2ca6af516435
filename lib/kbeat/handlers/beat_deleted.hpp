// BEAT_DELETED {beatId}: removes the beat's metrics.
#pragma once

#include <memory>

#include "kbeat/handlers/beat_measurer.hpp"

namespace kbeat::handlers {

[[nodiscard]] std::unique_ptr<Handler> make_beat_deleted(std::shared_ptr<BeatMeasurer> measurer);

}  // namespace kbeat::handlers
