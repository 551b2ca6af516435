// Addresses that a server listens on, and which of them others reach.
#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "kbeat/base/error.hpp"
#include "kbeat/server/live_server.hpp"

namespace kbeat::server {

void parse_listen(const std::string& text, ServerOptions& options) {
  const std::size_t colon = text.rfind(':');
  const std::string host = text.substr(0, colon == std::string::npos ? 0 : colon);
  const std::string port = text.substr(colon == std::string::npos ? 0 : colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 &&
                      std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || std::stoi(port) > 65535) {
    throw Error(ErrorCode::usage, fmt::format("--listen {}: give HOST:PORT, such as 127.0.0.1:8000", text));
  }
  options.port = std::stoi(port);
  if (host.empty()) return;
  const bool bracketed = host.front() == '[' && host.back() == ']';
  options.host = bracketed ? host.substr(1, host.size() - 2) : host;
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
