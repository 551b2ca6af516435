// What a schema has to be before it is trusted with events.
#pragma once

#include <string>
#include <string_view>

namespace kbeat::schema {

/// Longest string, in bytes, that a `pattern` is matched against: the matcher recurses.
inline constexpr std::size_t k_longest_matched = 4096;

/// The schema with each `pattern` behind a check of the string's length. Throws Error{bad_input} that says
/// why a schema is refused.
[[nodiscard]] std::string bounded_schema(std::string_view text);

}  // namespace kbeat::schema
