// Events of the AI backend: kept in order, and the business metrics among them as named metrics.
#pragma once

#include <memory>

#include "kbeat/handlers/handler.hpp"

namespace kbeat::handlers {

[[nodiscard]] std::unique_ptr<Handler> make_backend_event();

}  // namespace kbeat::handlers
