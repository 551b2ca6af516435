// What the management API works on, and the helpers of its routes.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "kbeat/metrics/families.hpp"
#include "kbeat/server/account_desk.hpp"
#include "kbeat/server/broker_watch.hpp"
#include "kbeat/server/ingest.hpp"
#include "kbeat/server/serve_server.hpp"

namespace kbeat::server {

/// Everything outlives the router's use.
struct Management {
  transport::Transport& transport;
  std::filesystem::path data_dir;
  bool kafka = false;
  AccountDesk& accounts;
  BrokerWatch& broker;
  Ingest& ingest;
  metrics::Families& families;
  Clock& clock;
  std::string group;  ///< whose consumers run here, or would
  std::function<std::vector<upkeep::PartState>()> parts;
  std::function<std::vector<upkeep::Alert>()> alerts;
  std::function<upkeep::HealthReport()> deep_health;
  config::AlertSettings alert_limits;
  std::function<void()> refresh;  ///< brings the metrics up to date
  SteadyTime started;
  Milliseconds timeout{10'000};
};

/// The transport, while its broker answers. Throws Error{unreachable} at once otherwise: requests that wait
/// for an absent broker would keep the pool's threads from those that do not need it, such as logins.
[[nodiscard]] transport::Transport& answering_transport(const Management& parts);

using Responder = std::function<HttpResponse(const HttpRequest&)>;

/// A GET for readers, on a thread that may wait.
void add_reading(Router& router, const std::string& pattern, const std::string& summary, Responder responder);

/// A method that changes something: for admins, with a row in the audit whatever comes of it.
void add_changing(Router& router, const Management& parts, Route route, Responder responder);

void add_broker_routes(Router& router, const Management& parts);
void add_consumer_routes(Router& router, const Management& parts);
void add_letter_routes(Router& router, const Management& parts);
void add_result_routes(Router& router, const Management& parts);
/// The page at `/`, with its style and script beside it.
void add_dashboard_routes(Router& router);
/// Schemas and operations of the description, as JSON: bodies, parameters and answers of each route.
[[nodiscard]] const char* openapi_texts();
/// Describes what the router has by then.
void add_openapi_route(Router& router);

}  // namespace kbeat::server
