// Parses the program's arguments and words what is wrong with them.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "command.hpp"

namespace kbeat::app {

/// Fills `line`; answers --help and --version on stdout. Returns the exit code when nothing is left to run.
/// Throws Error{usage} that names the argument and what was probably meant.
[[nodiscard]] std::optional<int> parse_arguments(CommandLine& line, std::span<char* const> arguments, Io& io);

}  // namespace kbeat::app
