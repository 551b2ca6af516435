// `kbeat stream --listen`: records to WebSocket and SSE clients.
#pragma once

#include "listen_flags.hpp"

namespace kbeat::app {

/// `offsets` are the words of -o. Serves until a signal.
int run_stream_listen(const ListenFlags& flags, const std::vector<std::string>& topics,
                      const std::vector<std::string>& offsets, Context& context);

}  // namespace kbeat::app
