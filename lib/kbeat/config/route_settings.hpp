// Routes of one's own: which events go to which program, topic or URL.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/config/config_entry.hpp"

namespace kbeat::config {

enum class RouteKind { exec, coprocess, forward, webhook };

/// Throws Error{configuration} naming the four; `place` says where the word stands.
[[nodiscard]] RouteKind parse_route_kind(std::string_view text, std::string_view place);
[[nodiscard]] std::string_view to_string(RouteKind kind);

/// One `[[route]]`, or one of the command line. `topic` and `type` are names, or patterns when they begin
/// with ^; an empty type takes any.
struct RouteSettings {
  std::string place;  ///< where it was given, for messages
  std::string topic;
  std::string type;
  RouteKind kind = RouteKind::exec;
  std::string name;  ///< of the handler, in marks and dead letters; empty: made from what it does
  bool raw = false;  ///< values need not be JSON
  std::optional<Milliseconds> timeout;

  std::vector<std::string> command;      ///< exec and coprocess
  std::vector<std::string> environment;  ///< NAME to pass on, or NAME=value
  int processes = 1;                     ///< coprocess: how many at once

  std::string to;  ///< forward: the topic

  std::string url;  ///< webhook
  std::vector<std::pair<std::string, std::string>> headers;
  std::string token_env;   ///< the variable that holds a bearer token
  std::string token_file;  ///< or the file
  bool envelope = false;   ///< the body is the envelope, not the value
  bool allow_private_addresses = false;
};

/// The webhook's bearer token, or empty. Throws Error{configuration} when its variable or file has none.
[[nodiscard]] std::string read_token(const RouteSettings& route);

/// Reads the routes of a config. Throws Error{configuration} naming file, line and key.
[[nodiscard]] std::vector<RouteSettings> read_routes(std::span<const ConfigEntry> entries);

}  // namespace kbeat::config
