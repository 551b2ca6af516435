// `kbeat replay --handle`: through the handlers, into the store.
#pragma once

#include "cmd_replay.hpp"
#include "replay_setup.hpp"

namespace kbeat::app {

/// Returns the exit code.
[[nodiscard]] int run_replay_handle(const ReplayFlags& flags, ReplaySetup& setup, Context& context);

}  // namespace kbeat::app
