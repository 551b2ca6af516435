// What servers of each kind are put together from: their rules of access, their counters, their address.
#pragma once

#include <array>

#include "kbeat/server/live_server.hpp"

namespace kbeat::server {

/// Responses by the hundred of their status.
class RequestCounters {
 public:
  explicit RequestCounters(metrics::MetricRegistry& metrics);
  void count(int status);

 private:
  std::array<metrics::Counter*, 6> m_by_hundred{};
};

/// The rules that follow from where the server listens and which tokens there are.
[[nodiscard]] AccessRules rules_of(const LiveServerOptions& options);

/// Knows one token, of an admin; none when it is empty. Compares in constant time.
[[nodiscard]] TokenCheck fixed_token(const std::string& token);

/// As LiveServer::reload.
void reload_tls(HttpServer& http);

[[nodiscard]] std::string url_of(const ServerOptions& options, int port);

}  // namespace kbeat::server
