// Man pages in mdoc: what the tree of commands says, joined with sections written by hand.
#pragma once

#include <string>

#include "command_tree.hpp"

namespace kbeat::docs {

/// The page of the program itself: `text` is mdoc, the description first, then whole sections.
[[nodiscard]] std::string program_page(const Command& root, const std::string& text);

/// The page of one command and of those below it.
[[nodiscard]] std::string command_page(const Command& command, const std::string& text);

/// A page of section 5 or 7 about a matter that several commands share: the first line of `text` is the
/// summary, the rest the page's sections. A line @SETTINGS@ becomes the list of all settings.
[[nodiscard]] std::string topic_page(const std::string& name, int section, const std::string& text);

}  // namespace kbeat::docs
