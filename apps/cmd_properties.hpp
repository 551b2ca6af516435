// `-X list` and `-X dump`: the properties of librdkafka, and what clients would be made with.
#pragma once

#include "command.hpp"

namespace kbeat::app {

/// `flags` asks for one or both. Secrets are masked.
[[nodiscard]] int run_properties(const config::Flags& flags, Context& context);

}  // namespace kbeat::app
