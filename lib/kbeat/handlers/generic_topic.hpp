// generic_topic: events of any kind, logged at debug and done.
#pragma once

#include <memory>

#include "kbeat/handlers/handler.hpp"

namespace kbeat::handlers {

[[nodiscard]] std::unique_ptr<Handler> make_generic_topic();

}  // namespace kbeat::handlers
