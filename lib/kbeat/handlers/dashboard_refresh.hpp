// DASHBOARD_REFRESH: computes the dashboard anew.
#pragma once

#include <memory>

#include "kbeat/handlers/handler.hpp"

namespace kbeat::handlers {

[[nodiscard]] std::unique_ptr<Handler> make_dashboard_refresh();

}  // namespace kbeat::handlers
