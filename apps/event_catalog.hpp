// The event types that the settings know.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "kbeat/config/settings.hpp"
#include "kbeat/schema/catalog.hpp"

namespace kbeat::app {

/// kbeat's types and those of [[schema]]. Throws Error{configuration} naming the place of a schema that is
/// wrong.
[[nodiscard]] std::shared_ptr<const schema::Catalog> open_catalog(const config::Settings& settings);

/// `NAME: what is wrong; what else`, or nothing unless the event was found invalid.
[[nodiscard]] std::optional<std::string> fault_text(const schema::Checked& checked);

}  // namespace kbeat::app
