// `consume --print`: records to stdout, no handlers.
#pragma once

#include "cmd_consume.hpp"

namespace kbeat::app {

/// Positions are committed only for a group named with -G, or for the settings' group when its auto commit
/// is on; then each after it was written.
[[nodiscard]] int run_consume_print(const ConsumeFlags& flags, Context& context);

/// Throws Error{usage} for flags of handlers together with --print, and for forms of printing without it.
void check_print_flags(const ConsumeFlags& flags);

}  // namespace kbeat::app
