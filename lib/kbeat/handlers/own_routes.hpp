// Routes of the user's before those of kbeat: by topic and type, each a name or a pattern.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kbeat/handlers/registry.hpp"

namespace kbeat::handlers {

/// A text that begins with ^ is a pattern (RE2's syntax) that must fit the whole name; an empty type fits
/// any.
struct RoutePattern {
  std::string topic;
  std::string type;
  bool raw = false;  ///< values need not be JSON; there are no types then
};

/// Filled before it is used, then read by any number of threads. The first route that fits wins; events that
/// none fits go the way of `others`.
class OwnRoutes final : public Registry {
 public:
  explicit OwnRoutes(std::unique_ptr<Registry> others);
  ~OwnRoutes() override;

  /// Throws Error{usage} for a pattern that is none.
  void add(const RoutePattern& pattern, std::unique_ptr<Handler> handler);

  [[nodiscard]] TopicRouting routing(std::string_view topic) const override;
  [[nodiscard]] Route find(std::string_view topic, std::string_view type) const override;

 private:
  struct OwnRoute;

  std::unique_ptr<Registry> m_others;
  std::vector<OwnRoute> m_routes;
};

}  // namespace kbeat::handlers
