// Reads [[route]]: the keys that every route has, then those of its kind.
#include "kbeat/config/route_settings.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/split_words.hpp"
#include "kbeat/config/config_file.hpp"
#include "kbeat/config/parse_value.hpp"

namespace kbeat::config {
namespace {

constexpr std::array<std::pair<RouteKind, std::string_view>, 4> k_kinds{{
    {RouteKind::exec, "exec"},
    {RouteKind::coprocess, "coprocess"},
    {RouteKind::forward, "forward"},
    {RouteKind::webhook, "webhook"},
}};

/// A list of words, or one text that is split like a shell's simple command.
std::vector<std::string> command_of(EntryReader& reader) {
  std::vector<std::string> words = reader.list("command");
  if (words.size() == 1) {
    try {
      words = split_words(words.front());
    } catch (const Error& error) {
      reader.refuse("command", error.what());
    }
  }
  if (words.empty() || words.front().empty()) reader.refuse("command", "is missing or empty");
  return words;
}

void read_program(EntryReader& reader, RouteSettings& route) {
  route.command = command_of(reader);
  route.environment = reader.list("environment");
  if (route.kind == RouteKind::coprocess) {
    constexpr int k_most_processes = 64;
    route.processes = static_cast<int>(reader.whole("processes", 1, k_most_processes, 1));
  }
}

void read_webhook(EntryReader& reader, RouteSettings& route) {
  route.url = reader.text("url");
  if (const auto fault = fault_of_url(route.url)) reader.refuse("url", *fault);
  route.headers = reader.table("headers");
  route.token_env = reader.text_or("token_env", "");
  if (reader.has("token_file")) route.token_file = reader.file("token_file").string();
  if (!route.token_env.empty() && !route.token_file.empty())
    reader.refuse("token_env", "and token_file contradict each other");
  route.envelope = reader.flag("envelope");
  route.allow_private_addresses = reader.flag("allow_private_addresses");
}

RouteSettings read_route(const ConfigEntry& entry) {
  EntryReader reader(entry);
  RouteSettings route;
  route.place = reader.place();
  route.topic = reader.text("topic");
  route.type = reader.text_or("type", "");
  route.kind = parse_route_kind(reader.text("handler"), reader.place());
  route.name = reader.text_or("name", "");
  route.raw = reader.flag("raw");
  route.timeout = reader.span("timeout");
  if (route.timeout && *route.timeout <= Milliseconds{0}) reader.refuse("timeout", "must be more than 0");
  switch (route.kind) {
    case RouteKind::exec:
    case RouteKind::coprocess: read_program(reader, route); break;
    case RouteKind::forward: route.to = reader.text("to"); break;
    case RouteKind::webhook: read_webhook(reader, route); break;
  }
  reader.finish();
  return route;
}

}  // namespace

RouteKind parse_route_kind(std::string_view text, std::string_view place) {
  for (const auto& [kind, name] : k_kinds) {
    if (name == text) return kind;
  }
  throw Error(ErrorCode::configuration,
              fmt::format("{}: \"{}\" is no handler: use exec, coprocess, forward or webhook", place,
                          escape_for_terminal(text, 80)));
}

std::string_view to_string(RouteKind kind) {
  for (const auto& [value, name] : k_kinds) {
    if (value == kind) return name;
  }
  return "exec";
}

std::string read_token(const RouteSettings& route) {
  const auto refuse = [&route](const std::string& why) {
    throw Error(ErrorCode::configuration, fmt::format("{}: {}", route.place, why));
  };
  if (!route.token_env.empty()) {
    const char* value = std::getenv(route.token_env.c_str());
    if (value == nullptr || *value == '\0')
      refuse(fmt::format("token_env names {}, which is not set", route.token_env));
    return value;
  }
  if (route.token_file.empty()) return {};
  constexpr std::size_t k_longest_token = 8192;
  std::string token = read_small_file(route.token_file, k_longest_token, "token file");
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  if (token.empty()) refuse(fmt::format("the token file {} is empty", route.token_file));
  return token;
}

std::vector<RouteSettings> read_routes(std::span<const ConfigEntry> entries) {
  std::vector<RouteSettings> routes;
  for (const ConfigEntry& entry : entries) routes.push_back(read_route(entry));
  return routes;
}

}  // namespace kbeat::config
