// Health of a server over HTTP.
#pragma once

#include <optional>
#include <string>

#include "command.hpp"
#include "kbeat/upkeep/health.hpp"

namespace kbeat::app {

/// What a server says of itself.
struct ServerHealth {
  long status = 0;
  std::string body;
};

/// The checks in it, if it has any: only a deep look does.
[[nodiscard]] std::optional<upkeep::HealthReport> report_of(const ServerHealth& server);

/// Asks `/livez`, `/readyz` or `/api/v1/kafka/health` below `url`; a URL with a path of its own is asked as
/// it is. With the API's token, if there is one. Throws Error when there is no answer within the timeout.
[[nodiscard]] ServerHealth ask_server(const std::string& url, upkeep::HealthDepth depth,
                                      const Context& context);

}  // namespace kbeat::app
