// Looks routes up: the topic, then the type, then what takes any type.
#include "kbeat/handlers/route_table.hpp"

#include <utility>

namespace kbeat::handlers {

Handler& RouteTable::own(std::unique_ptr<Handler> handler) {
  m_handlers.push_back(std::move(handler));
  return *m_handlers.back();
}

void RouteTable::add(const std::string& topic, const std::string& type, Handler& handler) {
  m_topics[topic].by_type[type] = &handler;
}

void RouteTable::add_any(const std::string& topic, Handler& handler) {
  m_topics[topic].any = &handler;
}

void RouteTable::add_raw(const std::string& topic, Handler& handler) {
  m_topics[topic].routing = TopicRouting::raw;
  add_any(topic, handler);
}

TopicRouting RouteTable::routing(std::string_view topic) const {
  const auto found = m_topics.find(topic);
  return found == m_topics.end() ? TopicRouting::unrouted : found->second.routing;
}

Route RouteTable::find(std::string_view topic, std::string_view type) const {
  const auto routes = m_topics.find(topic);
  if (routes == m_topics.end()) return UnhandledTopic{};
  const auto typed = routes->second.by_type.find(type);
  if (typed != routes->second.by_type.end()) return typed->second;
  if (routes->second.any != nullptr) return routes->second.any;
  return UnhandledType{};
}

}  // namespace kbeat::handlers
