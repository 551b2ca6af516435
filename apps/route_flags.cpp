// From --route and its short forms, and from [[route]], to handlers.
#include "route_flags.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/split_words.hpp"
#include "kbeat/config/parse_value.hpp"
#include "kbeat/handlers/coprocess_handler.hpp"
#include "kbeat/handlers/exec_handler.hpp"
#include "kbeat/handlers/forward_handler.hpp"
#include "kbeat/handlers/webhook_handler.hpp"
#include "kbeat/net/http_header.hpp"
#include "program_check.hpp"

namespace kbeat::app {
namespace {

using config::RouteKind;
using config::RouteSettings;

std::vector<std::string> words_of(const std::string& flag, const std::string& text) {
  try {
    return split_words(text);
  } catch (const Error& error) {
    throw Error(ErrorCode::usage,
                fmt::format("{} \"{}\": {}", flag, escape_for_terminal(text, 120), error.what()));
  }
}

/// The words after the handler's: a command, a topic or a URL.
void set_argument(RouteSettings& route, std::vector<std::string> words) {
  const bool program = route.kind == RouteKind::exec || route.kind == RouteKind::coprocess;
  if (words.empty() || words.front().empty() || (!program && words.size() > 1)) {
    throw Error(ErrorCode::usage, fmt::format("{}: {} needs {}", route.place, config::to_string(route.kind),
                                              program                            ? "a command"
                                              : route.kind == RouteKind::forward ? "one topic"
                                                                                 : "one URL"));
  }
  if (program) {
    route.command = std::move(words);
  } else if (route.kind == RouteKind::forward) {
    route.to = words.front();
  } else {
    route.url = words.front();
    if (const auto fault = config::fault_of_url(route.url))
      throw Error(ErrorCode::usage, fmt::format("{}: the webhook's address {}", route.place, *fault));
  }
}

/// `TOPIC[:TYPE] HANDLER ARGUMENT…`. A pattern may hold colons of its own: the last one counts.
RouteSettings route_of(const std::string& text) {
  std::vector<std::string> words = words_of("--route", text);
  RouteSettings route;
  route.place = fmt::format("--route \"{}\"", escape_for_terminal(text, 120));
  if (words.size() < 2)
    throw Error(ErrorCode::usage,
                fmt::format("{}: give TOPIC[:TYPE], exec, coprocess, forward or webhook, and its argument",
                            route.place));
  const std::size_t colon = words[0].rfind(':');
  route.topic = words[0].substr(0, colon);
  if (colon != std::string::npos) route.type = words[0].substr(colon + 1);
  route.kind = config::parse_route_kind(words[1], route.place);
  set_argument(route, {words.begin() + 2, words.end()});
  return route;
}

/// --exec and the like: every event of every topic that is read.
std::vector<RouteSettings> short_routes(const RouteFlags& flags) {
  const std::array<std::pair<RouteKind, const std::string&>, 4> given{{
      {RouteKind::exec, flags.exec},
      {RouteKind::coprocess, flags.coprocess},
      {RouteKind::forward, flags.forward},
      {RouteKind::webhook, flags.webhook},
  }};
  std::vector<RouteSettings> routes;
  for (const auto& [kind, text] : given) {
    if (text.empty()) continue;
    RouteSettings route;
    route.place = fmt::format("--{}", config::to_string(kind));
    route.topic = k_any_topic;
    route.kind = kind;
    route.raw = flags.raw;
    set_argument(route, words_of(route.place, text));
    routes.push_back(std::move(route));
  }
  if (routes.size() > 1)
    throw Error(ErrorCode::usage,
                fmt::format("{} and {} both take every event: give one of them, or use --route",
                            routes[0].place, routes[1].place));
  return routes;
}

std::vector<std::string> headers_of(const RouteSettings& route) {
  std::vector<std::string> headers;
  const auto refuse = [&route](const std::string& why) {
    throw Error(ErrorCode::configuration, fmt::format("{}: {}", route.place, why));
  };
  for (const auto& [name, value] : route.headers) {
    if (const auto fault = net::fault_of_own_header(name, value))
      refuse(fmt::format("the header \"{}\" {}", escape_for_terminal(name, 80), *fault));
    headers.push_back(fmt::format("{}: {}", name, value));
  }
  const std::string token = read_token(route);
  if (!net::is_header_value(token)) refuse("the token has control characters, such as the end of a line");
  if (!token.empty()) headers.push_back(fmt::format("Authorization: Bearer {}", token));
  return headers;
}

std::unique_ptr<handlers::Handler> webhook_of(const RouteSettings& route, const RouteTools& tools) {
  return handlers::make_webhook_handler(
      {.name = route.name,
       .url = route.url,
       .headers = headers_of(route),
       .body = route.envelope ? handlers::WebhookBody::envelope : handlers::WebhookBody::value,
       .time_limit = route.timeout},
      route.allow_private_addresses ? tools.any_web : tools.public_web);
}

std::unique_ptr<handlers::Handler> forward_of(const RouteSettings& route) {
  check_topic_name(route.to);
  if (route.to == route.topic)
    throw Error(ErrorCode::configuration,
                fmt::format("{}: forwarding {} to itself would never end", route.place, route.to));
  return handlers::make_forward_handler({.name = route.name, .to = TopicName{route.to}});
}

std::unique_ptr<handlers::Handler> handler_of(const RouteSettings& route, const RouteTools& tools) {
  switch (route.kind) {
    case RouteKind::exec:
      check_program(route.place, route.command.front());
      return handlers::make_exec_handler({.name = route.name,
                                          .command = route.command,
                                          .environment = route.environment,
                                          .time_limit = route.timeout});
    case RouteKind::coprocess:
      check_program(route.place, route.command.front());
      return handlers::make_coprocess_handler({.name = route.name,
                                               .command = route.command,
                                               .environment = route.environment,
                                               .time_limit = route.timeout,
                                               .processes = route.processes},
                                              tools.clock);
    case RouteKind::forward: return forward_of(route);
    case RouteKind::webhook: return webhook_of(route, tools);
  }
  throw Error(ErrorCode::internal, "a route without a handler");
}

}  // namespace

void add_route_flags(CLI::App& app, RouteFlags& flags) {
  add_list(app, "--route", flags.routes,
           "a route: 'TOPIC[:TYPE] HANDLER ARGUMENT…' with exec, coprocess, forward or webhook")
      ->type_name("ROUTE")
      ->group(k_own_handlers);
  app.add_option("--exec", flags.exec, "run this command for each event")
      ->type_name("COMMAND")
      ->group(k_own_handlers);
  app.add_option("--coprocess", flags.coprocess, "hand events to this command, a line of JSON each way")
      ->type_name("COMMAND")
      ->group(k_own_handlers);
  app.add_option("--forward", flags.forward, "send events on to this topic")
      ->type_name("TOPIC")
      ->group(k_own_handlers);
  app.add_option("--webhook", flags.webhook, "POST events to this URL")
      ->type_name("URL")
      ->group(k_own_handlers);
  app.add_flag("--raw", flags.raw, "with one of these four: values need not be JSON")->group(k_own_handlers);
}

std::vector<RouteSettings> all_routes(const RouteFlags& flags, const config::Settings& settings) {
  std::vector<RouteSettings> routes;
  for (const std::string& text : flags.routes) routes.push_back(route_of(text));
  for (RouteSettings& route : short_routes(flags)) routes.push_back(std::move(route));
  if (flags.raw && routes.size() == flags.routes.size())
    throw Error(ErrorCode::usage, "--raw needs --exec, --coprocess, --forward or --webhook");
  routes.insert(routes.end(), settings.routes.begin(), settings.routes.end());
  return routes;
}

void add_own_route(handlers::OwnRoutes& routes, const RouteSettings& route, const RouteTools& tools) {
  try {
    if (!route.topic.starts_with('^')) check_topic_name(route.topic);
    routes.add({.topic = route.topic, .type = route.type, .raw = route.raw}, handler_of(route, tools));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::usage) throw;
    throw Error(ErrorCode::configuration, fmt::format("{}: {}", route.place, error.what()));
  }
}

}  // namespace kbeat::app
