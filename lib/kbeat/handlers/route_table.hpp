// A registry filled route by route: from a topic and a type to one handler.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/handlers/registry.hpp"

namespace kbeat::handlers {

/// Filled before it is used, then read by any number of threads.
class RouteTable final : public Registry {
 public:
  /// Takes a handler over; routes to it are added separately.
  Handler& own(std::unique_ptr<Handler> handler);

  /// Sends events of one type; an empty type stands for events that have none. The later route wins.
  void add(const std::string& topic, const std::string& type, Handler& handler);
  /// Sends every event for whose type there is no route.
  void add_any(const std::string& topic, Handler& handler);
  /// The topic's values need not be JSON; they have no types.
  void add_raw(const std::string& topic, Handler& handler);

  [[nodiscard]] TopicRouting routing(std::string_view topic) const override;
  [[nodiscard]] Route find(std::string_view topic, std::string_view type) const override;

 private:
  struct TopicRoutes {
    TopicRouting routing = TopicRouting::json;
    std::map<std::string, Handler*, std::less<>> by_type;
    Handler* any = nullptr;
  };

  std::vector<std::unique_ptr<Handler>> m_handlers;
  std::map<std::string, TopicRoutes, std::less<>> m_topics;
};

}  // namespace kbeat::handlers
