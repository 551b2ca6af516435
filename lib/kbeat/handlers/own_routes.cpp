// Tries the user's routes in their order.
#include "kbeat/handlers/own_routes.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::handlers {
namespace {

/// A name, or a pattern.
class Fit {
 public:
  explicit Fit(const std::string& text) : m_text(text) {
    if (!text.starts_with('^')) return;
    m_pattern = std::make_unique<re2::RE2>(text, re2::RE2::Quiet);
    if (m_pattern->ok()) return;
    throw Error(ErrorCode::usage,
                fmt::format("\"{}\" is no pattern: {}", escape_for_terminal(text, 80), m_pattern->error()));
  }

  [[nodiscard]] bool operator()(std::string_view name) const {
    if (m_pattern == nullptr) return name == m_text;
    return re2::RE2::FullMatch(re2::StringPiece(name.data(), name.size()), *m_pattern);
  }

 private:
  std::string m_text;
  std::unique_ptr<re2::RE2> m_pattern;
};

}  // namespace

struct OwnRoutes::OwnRoute {
  Fit topic;
  Fit type;
  bool any_type;
  bool raw;
  std::unique_ptr<Handler> handler;
};

OwnRoutes::OwnRoutes(std::unique_ptr<Registry> others) : m_others(std::move(others)) {}
OwnRoutes::~OwnRoutes() = default;

void OwnRoutes::add(const RoutePattern& pattern, std::unique_ptr<Handler> handler) {
  m_routes.push_back({.topic = Fit(pattern.topic),
                      .type = Fit(pattern.type),
                      .any_type = pattern.type.empty() || pattern.raw,
                      .raw = pattern.raw,
                      .handler = std::move(handler)});
}

TopicRouting OwnRoutes::routing(std::string_view topic) const {
  const auto route =
      std::find_if(m_routes.begin(), m_routes.end(), [&](const OwnRoute& own) { return own.topic(topic); });
  if (route == m_routes.end()) return m_others->routing(topic);
  return route->raw ? TopicRouting::raw : TopicRouting::json;
}

Route OwnRoutes::find(std::string_view topic, std::string_view type) const {
  bool known = false;
  for (const OwnRoute& route : m_routes) {
    if (!route.topic(topic)) continue;
    if (route.any_type || route.type(type)) return route.handler.get();
    known = true;
  }
  const Route other = m_others->find(topic, type);
  if (known && std::holds_alternative<UnhandledTopic>(other)) return UnhandledType{};
  return other;
}

}  // namespace kbeat::handlers
