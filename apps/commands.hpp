// The one table of the program's commands.
#pragma once

#include "command.hpp"

namespace kbeat::app {

/// Adds every command to the line, in the order of the help.
void add_commands(CommandLine& line);

}  // namespace kbeat::app
