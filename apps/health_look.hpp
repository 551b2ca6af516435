// Health as seen from this process: whom to ask, and for how long.
#pragma once

#include <memory>
#include <vector>

#include "command.hpp"
#include "kbeat/base/library_facts.hpp"
#include "kbeat/upkeep/health.hpp"

namespace kbeat::app {

/// What this build runs on.
[[nodiscard]] std::vector<LibraryFacts> libraries();

/// The broker, or the embedded log where one lies already: a look makes no files. Null: nobody is asked.
[[nodiscard]] std::unique_ptr<transport::Transport> transport_to_ask(const Context& context,
                                                                     upkeep::HealthDepth depth);

/// Comes back within --timeout (2.5 s), whoever does not answer.
[[nodiscard]] upkeep::HealthReport look(const Context& context, transport::Transport* transport,
                                        upkeep::HealthDepth depth);

}  // namespace kbeat::app
