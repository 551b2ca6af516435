// What servers of each kind are put together from: their rules of access, their counters, their address.
#include "kbeat/server/server_kit.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>

#include "kbeat/base/error.hpp"
#include "kbeat/base/hash.hpp"
#include "kbeat/base/log.hpp"

namespace kbeat::server {

RequestCounters::RequestCounters(metrics::MetricRegistry& metrics) {
  for (std::size_t hundred = 1; hundred < m_by_hundred.size(); ++hundred) {
    m_by_hundred[hundred] = &metrics.counter("kbeat_http_responses_total", "Responses by class of status.",
                                             {{"status", fmt::format("{}xx", hundred)}});
  }
}

void RequestCounters::count(int status) {
  m_by_hundred[static_cast<std::size_t>(std::clamp(status / 100, 1, 5))]->add();
}

AccessRules rules_of(const LiveServerOptions& options) {
  const bool loopback = is_loopback(options.http.host);
  AccessRules rules;
  rules.check_host = loopback;
  rules.hosts = options.access.hosts;
  rules.origins = options.access.origins;
  rules.open_reads = loopback || options.access.insecure;
  rules.open_writes = (loopback || options.access.insecure) && options.access.api_token.empty();
  return rules;
}

TokenCheck fixed_token(const std::string& token) {
  // Hashes have one length and say nothing of the token, so comparing them tells a guesser nothing.
  return [hash = token.empty() ? std::string()
                               : sha256(token)](std::string_view given) -> std::optional<Caller> {
    if (hash.empty()) return std::nullopt;
    const std::string other = sha256(given);
    if (CRYPTO_memcmp(hash.data(), other.data(), hash.size()) != 0) return std::nullopt;
    return Caller{.name = "api-token", .role = Role::admin};
  };
}

void reload_tls(HttpServer& http) {
  try {
    http.reload_tls();
    log_info("the certificate was read again");
  } catch (const Error& error) {
    log_error("{}: the former certificate stays", error.what());
  }
}

std::string url_of(const ServerOptions& options, int port) {
  const char* const scheme = options.tls_certificate.empty() ? "http" : "https";
  const bool v6 = options.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", scheme, v6 ? "[" : "", options.host, v6 ? "]" : "", port);
}

}  // namespace kbeat::server
