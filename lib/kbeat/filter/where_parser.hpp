// Reads a --where expression.
#pragma once

#include <string_view>

#include "kbeat/filter/where_expression.hpp"

namespace kbeat::filter {

/// expression = comparison, joined by and, or, not, && || ! and parentheses (kbeat-filter(7) has it whole).
/// Throws Error{usage} saying what is wrong and at which byte.
[[nodiscard]] Expression parse_where(std::string_view text);

}  // namespace kbeat::filter
