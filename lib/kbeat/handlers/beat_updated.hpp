// BEAT_UPDATED {beatId, audioUrl, userId}: measures the beat again when its audio changed.
#pragma once

#include <functional>
#include <memory>

#include "kbeat/handlers/beat_measurer.hpp"
#include "kbeat/store/store.hpp"

namespace kbeat::handlers {

/// Gives the calling thread its reader; a reader is for one thread.
using BeatReaders = std::function<store::BeatReader&()>;

[[nodiscard]] std::unique_ptr<Handler> make_beat_updated(std::shared_ptr<BeatMeasurer> measurer,
                                                         BeatReaders readers);

}  // namespace kbeat::handlers
