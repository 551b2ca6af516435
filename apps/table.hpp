// Listings as tables for people, within the width of their terminal.
#pragma once

#include <optional>

#include "output.hpp"

namespace kbeat::app {

/// Columns are as wide as what they hold. Where that is wider than `width`, the widest columns of text are
/// cut, with an ellipsis; where even that does not do, each row becomes a block of lines, a column each.
/// Without a width nothing is cut.
void print_table(const Listing& listing, std::optional<std::size_t> width, Output& out);

}  // namespace kbeat::app
