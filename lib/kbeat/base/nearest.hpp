// Finds the name that a mistyped one was meant to be.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kbeat {

/// The candidate with the fewest edits (insert, delete, replace, swap of neighbours) from `name`, when that
/// is at most a third of its length (and at least one is allowed).
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view name,
                                                      std::span<const std::string> candidates);

/// `; did you mean X?`, or nothing when no candidate is near.
[[nodiscard]] std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

}  // namespace kbeat
