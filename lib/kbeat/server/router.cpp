// The table of what the server answers: method, path, who may, and what does it.
#include "kbeat/server/router.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace kbeat::server {
namespace {

std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);  // the slash
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  std::vector<std::string> captures;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = next_segment(pattern);
    const std::string given = percent_decoded(next_segment(path));
    if (wanted.starts_with('{')) {
      if (given.empty()) return std::nullopt;
      captures.push_back(given);
    } else if (wanted != given) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return captures;
}

}  // namespace

void Router::add(Route route) {
  m_routes.push_back(std::move(route));
}

void Router::get(const std::string& pattern, const std::string& summary,
                 std::function<HttpResponse(const HttpRequest&)> handler) {
  add({.method = "GET",
       .pattern = pattern,
       .needs = Role::nobody,
       .runs = Runs::quick,
       .summary = summary,
       .handler = [handler = std::move(handler)](const HttpRequest& request, const Reply& reply) {
         reply(handler(request));
       }});
}

RouteMatch Router::find(std::string_view method, std::string_view path) const {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  RouteMatch result;
  for (const Route& route : m_routes) {
    auto captures = match(route.pattern, path);
    if (!captures) continue;
    if (route.method == wanted) return {.route = &route, .captures = std::move(*captures)};
    result.methods.push_back(route.method);
  }
  return result;
}

}  // namespace kbeat::server
