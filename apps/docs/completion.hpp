// Completions for bash, zsh and fish, written from the tree of commands.
#pragma once

#include <string>

#include "command_tree.hpp"

namespace kbeat::docs {

[[nodiscard]] std::string bash_completion(const Command& root);
[[nodiscard]] std::string zsh_completion(const Command& root);
[[nodiscard]] std::string fish_completion(const Command& root);

}  // namespace kbeat::docs
