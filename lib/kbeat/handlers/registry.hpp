// Which handler takes an event: routes by topic and type.
#pragma once

#include <string_view>
#include <variant>

#include "kbeat/handlers/handler.hpp"

namespace kbeat::handlers {

/// What the routes of a topic expect of a value.
enum class TopicRouting { unrouted, json, raw };

/// The topic has routes, but none for this type.
struct UnhandledType {};
/// The topic has no route at all.
struct UnhandledTopic {};

using Route = std::variant<Handler*, UnhandledType, UnhandledTopic>;

/// Safe to call from several threads; owns its handlers.
class Registry {
 public:
  Registry() = default;
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;
  virtual ~Registry() = default;

  [[nodiscard]] virtual TopicRouting routing(std::string_view topic) const = 0;
  /// `type` is empty for events without one, and for raw topics.
  [[nodiscard]] virtual Route find(std::string_view topic, std::string_view type) const = 0;
};

}  // namespace kbeat::handlers
