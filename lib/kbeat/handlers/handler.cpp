// What a handler is unless it says otherwise.
#include "kbeat/handlers/handler.hpp"

namespace kbeat::handlers {

std::optional<Milliseconds> Handler::time_limit() const {
  return std::nullopt;
}

Cost Handler::cost() const {
  return Cost::quick;
}

Place Handler::place() const {
  return Place::here;
}

}  // namespace kbeat::handlers
