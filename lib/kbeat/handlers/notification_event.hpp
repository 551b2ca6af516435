// Notifications {user_id, event, content}: kept until they are sent.
#pragma once

#include <memory>

#include "kbeat/handlers/handler.hpp"

namespace kbeat::handlers {

[[nodiscard]] std::unique_ptr<Handler> make_notification_event();

}  // namespace kbeat::handlers
