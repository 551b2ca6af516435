// The transport of a command that only looks.
#pragma once

#include <memory>

#include "command.hpp"

namespace kbeat::app {

/// As connect_transport; an embedded log is opened read-only and not made.
[[nodiscard]] std::unique_ptr<transport::Transport> connect_transport_to_look(const Context& context);

}  // namespace kbeat::app
