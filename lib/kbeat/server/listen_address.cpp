// Addresses that a server listens on, and which of them others reach.
#include <arpa/inet.h>
#include <fmt/format.h>

#include "kbeat/base/error.hpp"
#include "kbeat/base/host_port.hpp"
#include "kbeat/server/live_server.hpp"

namespace kbeat::server {

void parse_listen(const std::string& text, ServerOptions& options) {
  const bool port_alone = text.find(':') == std::string::npos;
  const auto place = parse_host_port(port_alone ? fmt::format(":{}", text) : text);
  if (!place) {
    throw Error(ErrorCode::usage, fmt::format("--listen {}: give HOST:PORT, such as 127.0.0.1:8000", text));
  }
  options.port = place->port;
  if (!place->host.empty()) options.host = place->host;
}

bool is_loopback(const std::string& host) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  return host == "localhost" || host == "::1";
}

void check_exposure(const LiveServerOptions& options, bool has_tokens) {
  if (is_loopback(options.http.host) || options.access.insecure) return;
  if (options.http.tls_certificate.empty() || !has_tokens) {
    throw Error(
        ErrorCode::usage,
        fmt::format("{} is reached by others: give --tls-cert, --tls-key and a token (KBEAT_API_TOKEN or "
                    "kbeat users add), or --insecure when something in front of it sees to that",
                    options.http.host));
  }
}

}  // namespace kbeat::server
