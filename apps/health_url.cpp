// One GET, bounded in time.
#include "health_url.hpp"

#include <fmt/format.h>

#include "kbeat/base/error.hpp"
#include "kbeat/net/http_client.hpp"

namespace kbeat::app {
namespace {

constexpr Milliseconds k_url_timeout{3000};

std::string path_of(upkeep::HealthDepth depth) {
  switch (depth) {
    case upkeep::HealthDepth::live: return "/livez";
    case upkeep::HealthDepth::ready: return "/readyz";
    case upkeep::HealthDepth::deep: return "/api/v1/kafka/health?deep=1";
    case upkeep::HealthDepth::connection: break;
  }
  return "/api/v1/kafka/health";
}

std::string full_url(std::string url, upkeep::HealthDepth depth) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos)
    throw Error(ErrorCode::usage, fmt::format("--url \"{}\": give http://HOST:PORT", url));
  while (url.ends_with('/')) url.pop_back();
  const bool has_path = url.find('/', scheme + 3) != std::string::npos;
  return has_path ? url : url + path_of(depth);
}

bool is_of_this_machine(std::string_view url) {
  for (const std::string_view name : {"http://127.0.0.1", "http://localhost", "http://[::1]"}) {
    if (url.starts_with(name) &&
        (url.size() == name.size() || url[name.size()] == ':' || url[name.size()] == '/'))
      return true;
  }
  return false;
}

/// A token goes over TLS, or to this machine.
std::vector<std::string> headers_of(const std::string& url, const Context& context) {
  const std::string& token = context.settings().api_token;
  if (token.empty() || !(url.starts_with("https://") || is_of_this_machine(url))) return {};
  return {"Authorization: Bearer " + token};
}

}  // namespace

ServerHealth ask_server(const std::string& url, upkeep::HealthDepth depth, const Context& context) {
  const Milliseconds timeout = context.settings().timeout.value_or(k_url_timeout);
  const auto client = net::open_http_client({.private_addresses = net::Allowed::yes});
  const net::HttpResult result = client->call({.method = "GET",
                                               .url = full_url(url, depth),
                                               .headers = headers_of(url, context),
                                               .body = {},
                                               .deadline = context.clock.steady() + timeout,
                                               .stop = context.stop()});
  if (const auto* failure = std::get_if<net::FetchFailure>(&result)) throw Error(failure->error);
  const auto& answer = std::get<net::HttpAnswer>(result);
  return {answer.status, answer.body};
}

}  // namespace kbeat::app
