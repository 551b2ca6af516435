// Routes of the command line, and the handlers that routes stand for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "command.hpp"
#include "kbeat/handlers/own_routes.hpp"
#include "kbeat/net/http_client.hpp"

namespace kbeat::app {

/// The group of the flags in the help.
inline constexpr const char* k_own_handlers = "Own handlers";

/// The topic of a route that takes every event.
inline constexpr const char* k_any_topic = "^.*";

struct RouteFlags {
  std::vector<std::string> routes;  ///< `TOPIC[:TYPE] HANDLER ARGUMENT…`
  std::string exec;
  std::string coprocess;
  std::string forward;
  std::string webhook;
  bool raw = false;
};

void add_route_flags(CLI::App& app, RouteFlags& flags);

/// Those of the command line first, then the settings'. Throws Error{usage} naming the flag.
[[nodiscard]] std::vector<config::RouteSettings> all_routes(const RouteFlags& flags,
                                                            const config::Settings& settings);

/// What the handlers of routes work with; outlives them.
struct RouteTools {
  net::HttpClient& public_web;
  net::HttpClient& any_web;  ///< private addresses too
  Clock& clock;
};

/// Adds a route with its handler. Throws Error{configuration} naming the route's place when its program,
/// topic or pattern is wrong.
void add_own_route(handlers::OwnRoutes& routes, const config::RouteSettings& route, const RouteTools& tools);

}  // namespace kbeat::app
