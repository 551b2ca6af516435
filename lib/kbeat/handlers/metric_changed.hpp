// METRIC_UPDATED and METRIC_CALCULATED: a named metric {metric, value}, or the metrics of a beat {beatId,
// ...}.
#pragma once

#include <memory>

#include "kbeat/handlers/handler.hpp"

namespace kbeat::handlers {

[[nodiscard]] std::unique_ptr<Handler> make_metric_changed();

}  // namespace kbeat::handlers
