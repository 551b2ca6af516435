// Who may ask: hosts and origins against hostile web pages, tokens and roles against everybody else.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/server/http_message.hpp"
#include "kbeat/server/router.hpp"

namespace kbeat::server {

struct AccessRules {
  bool check_host = true;  ///< only names of this machine's loopback, and `hosts`: against DNS rebinding
  std::vector<std::string> hosts{};
  std::vector<std::string> origins{};  ///< pages of other origins that may ask, such as https://a.example
  bool open_reads = true;              ///< what needs only `read` needs no token
  std::function<bool()> open_writes_now{};  ///< asked for each request where writes are open, if it is there
  bool open_writes = false;                 ///< no token at all: on loopback while none is configured
};

/// Looks a token up; any thread, and quick: it is asked for each request. The answer may differ from call to
/// call.
using TokenCheck = std::function<std::optional<Caller>(std::string_view token)>;

/// Safe for several threads.
class AccessGuard {
 public:
  AccessGuard(AccessRules rules, TokenCheck check);

  /// Fills in the caller, or says what to answer instead of running the route.
  [[nodiscard]] std::optional<HttpResponse> refuse(HttpRequest& request, const Route& route) const;
  /// As refuse, before any route is known.
  [[nodiscard]] std::optional<HttpResponse> refuse_sender(const HttpRequest& request) const;
  /// The answer to a browser's question whether a page may ask.
  [[nodiscard]] std::optional<HttpResponse> preflight(const HttpRequest& request,
                                                      const std::vector<std::string>& methods) const;
  /// Lets a page of an allowed origin read the response.
  void add_headers(const HttpRequest& request, HttpResponse& response) const;

 private:
  [[nodiscard]] bool knows_host(std::string_view host) const;
  [[nodiscard]] bool allows_origin(const HttpRequest& request) const;

  AccessRules m_rules;
  TokenCheck m_check;
};

/// The token of `Authorization: Bearer …`, or of the subprotocol `kbeat.token.…` that a browser's script can
/// give a WebSocket.
[[nodiscard]] std::string_view token_of(const HttpRequest& request);

}  // namespace kbeat::server
