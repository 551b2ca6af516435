// Trials of suspect records in a child: the same program with the same flags, given one record.
#pragma once

#include <memory>
#include <string_view>

#include "command.hpp"
#include "kbeat/pipeline/trial.hpp"

namespace kbeat::app {

/// The program's hidden first argument that makes it such a child.
inline constexpr std::string_view k_trial_word = "try-record";

/// The child is started with this process's own arguments and environment, so that it has the same handlers.
[[nodiscard]] std::unique_ptr<pipeline::Trial> open_trial();

/// The child's part: runs the handler of the envelope on stdin. Returns the exit code.
[[nodiscard]] int run_trial(const handlers::Registry& registry, const pipeline::RunnerOptions& options,
                            Context& context);

}  // namespace kbeat::app
