// Flags whose value is a span of time.
#pragma once

#include <optional>
#include <string>

#include "kbeat/base/clock.hpp"

namespace kbeat::app {

/// Throws Error{usage} that names the flag.
[[nodiscard]] Milliseconds span_of(const std::string& flag, const std::string& text);
/// Nothing for an empty text.
[[nodiscard]] std::optional<Milliseconds> optional_span(const std::string& flag, const std::string& text);

}  // namespace kbeat::app
