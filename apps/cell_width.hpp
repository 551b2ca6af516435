// How many cells of a terminal a text takes, and a text cut to so many.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kbeat::app {

/// Of UTF-8 without control characters: combining marks take none, East Asian wide characters and emoji two.
[[nodiscard]] std::size_t cell_width(std::string_view text);

/// The text, or its beginning and an ellipsis in exactly `width` cells or one less.
[[nodiscard]] std::string fit_cells(std::string_view text, std::size_t width);

}  // namespace kbeat::app
