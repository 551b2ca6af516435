// Builds the JSON of an event from a type and fields given on the command line.
#pragma once

#include <string>
#include <vector>

#include "kbeat/base/clock.hpp"

namespace kbeat::app {

/// NAME=TEXT is a string, NAME:=JSON a value taken as it is. Types of words and dots (conversation.started)
/// get the versioned shape with an id and the correlation id (empty: null), all others {"type","payload"}.
/// Throws Error{usage} naming the field.
[[nodiscard]] std::string event_text(const std::string& type, const std::vector<std::string>& fields,
                                     WallTime now, const std::string& correlation_id);

}  // namespace kbeat::app
