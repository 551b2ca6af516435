// Who may ask: hosts and origins against hostile web pages, tokens and roles against everybody else.
#include "kbeat/server/access_guard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace kbeat::server {
namespace {

constexpr std::string_view k_subprotocol_prefix = "kbeat.token.";

constexpr std::array<std::string_view, 3> k_loopback_names{"localhost", "127.0.0.1", "[::1]"};

std::string_view name_of_host(std::string_view host) {
  const std::size_t bracket = host.find(']');
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return host.substr(0, colon);
}

std::string_view name_of_role(Role role) {
  switch (role) {
    case Role::nobody: return "no";
    case Role::read: return "the read";
    case Role::ingest: return "the ingest";
    case Role::admin: return "the admin";
  }
  return "no";
}

HttpResponse unauthorized(std::string_view detail) {
  HttpResponse response = problem(401, detail);
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace

std::string_view token_of(const HttpRequest& request) {
  constexpr std::string_view k_bearer = "bearer ";
  const std::string_view header = request.header("authorization");
  const bool is_bearer = header.size() > k_bearer.size() &&
                         std::equal(k_bearer.begin(), k_bearer.end(), header.begin(),
                                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
  if (is_bearer) return header.substr(k_bearer.size());
  const std::string_view protocols = request.header("sec-websocket-protocol");
  const std::size_t start = protocols.find(k_subprotocol_prefix);
  if (start == std::string_view::npos) return {};
  const std::string_view rest = protocols.substr(start + k_subprotocol_prefix.size());
  return rest.substr(0, rest.find_first_of(", "));
}

AccessGuard::AccessGuard(AccessRules rules, TokenCheck check)
    : m_rules(std::move(rules)), m_check(std::move(check)) {}

bool AccessGuard::knows_host(std::string_view host) const {
  const std::string_view name = name_of_host(host);
  const auto is_name = [&](std::string_view known) { return known == name || known == host; };
  return std::any_of(k_loopback_names.begin(), k_loopback_names.end(), is_name) ||
         std::any_of(m_rules.hosts.begin(), m_rules.hosts.end(), is_name);
}

bool AccessGuard::allows_origin(const HttpRequest& request) const {
  const std::string_view origin = request.header("origin");
  if (origin.empty()) return true;
  const std::size_t scheme = origin.find("://");
  if (scheme != std::string_view::npos && origin.substr(scheme + 3) == request.header("host")) return true;
  return std::find(m_rules.origins.begin(), m_rules.origins.end(), origin) != m_rules.origins.end();
}

std::optional<HttpResponse> AccessGuard::refuse_sender(const HttpRequest& request) const {
  if (m_rules.check_host && !request.header("host").empty() && !knows_host(request.header("host")))
    return problem(421, "this server does not go by that name: --allow-host lets it");
  if (!allows_origin(request))
    return problem(403, "pages of that origin may not ask here: --allow-origin lets them");
  return std::nullopt;
}

std::optional<HttpResponse> AccessGuard::refuse(HttpRequest& request, const Route& route) const {
  if (route.needs == Role::nobody) return std::nullopt;
  const std::string_view token = token_of(request);
  if (!token.empty()) {
    const std::optional<Caller> caller = m_check(token);
    if (!caller) return unauthorized("the token is not known, or has expired");
    request.caller = *caller;
  }
  const bool open = m_rules.open_writes && (!m_rules.open_writes_now || m_rules.open_writes_now());
  if (open && token.empty()) return std::nullopt;
  if (m_rules.open_reads && route.needs == Role::read) return std::nullopt;
  if (token.empty()) return unauthorized("a bearer token is needed: POST /api/auth/login gives one");
  if (request.caller.role >= route.needs) return std::nullopt;
  return problem(403, fmt::format("{} role is needed", name_of_role(route.needs)));
}

std::optional<HttpResponse> AccessGuard::preflight(const HttpRequest& request,
                                                   const std::vector<std::string>& methods) const {
  if (request.method != "OPTIONS" || methods.empty()) return std::nullopt;
  std::string allowed = "OPTIONS";
  for (const std::string& method : methods) allowed += ", " + method;
  HttpResponse response{.status = 204, .headers = {{"Allow", allowed}}};
  if (!request.header("origin").empty()) {
    response.headers.emplace_back("Access-Control-Allow-Methods", allowed);
    response.headers.emplace_back("Access-Control-Allow-Headers",
                                  "Authorization, Content-Type, Last-Event-ID");
    response.headers.emplace_back("Access-Control-Max-Age", "600");
  }
  return response;
}

void AccessGuard::add_headers(const HttpRequest& request, HttpResponse& response) const {
  const std::string_view origin = request.header("origin");
  if (origin.empty() || !allows_origin(request)) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", origin);
  response.headers.emplace_back("Vary", "Origin");
}

}  // namespace kbeat::server
