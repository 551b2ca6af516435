// The core metrics as the store keeps them: a column each.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kbeat::handlers {

enum class ColumnKind { number, integer, text, list };

/// The kind of the column that a metric has, or nothing when it has none and belongs into `extra`.
[[nodiscard]] std::optional<ColumnKind> metric_column(std::string_view metric);

/// Whether a JSON value fits; null fits everywhere.
[[nodiscard]] bool fits_column(ColumnKind kind, std::string_view json);

/// `a number`, `an integer`, `a string`, `an array`.
[[nodiscard]] std::string_view name_of(ColumnKind kind);

}  // namespace kbeat::handlers
