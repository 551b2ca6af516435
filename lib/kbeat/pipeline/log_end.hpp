// The end of a log that has just changed its leader.
#pragma once

#include "kbeat/base/clock.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::pipeline {

/// The end of a log that seems to end at `latest`, before `wanted`: a leader elected just now learns only
/// after a while how far its replicas agree, and one that slept takes itself for the leader still. Waits for
/// that, up to the longest election, where there are replicas.
[[nodiscard]] Offset end_after_election(transport::Transport& transport, const Position& wanted,
                                        Offset latest, Milliseconds timeout, Clock& clock);

}  // namespace kbeat::pipeline
