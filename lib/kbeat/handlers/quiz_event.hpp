// Quiz events {event_id, event_type, session_id, ...}: one row each.
#pragma once

#include <memory>

#include "kbeat/handlers/handler.hpp"

namespace kbeat::handlers {

[[nodiscard]] std::unique_ptr<Handler> make_quiz_event();

}  // namespace kbeat::handlers
