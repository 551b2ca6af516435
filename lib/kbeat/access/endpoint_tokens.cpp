// The request for a token and what its status means.
#include "kbeat/access/endpoint_tokens.hpp"

#include <fmt/format.h>

#include "kbeat/access/token_answer.hpp"
#include "kbeat/base/base64.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/net/redact_url.hpp"

namespace kbeat::access {
namespace {

constexpr Milliseconds k_endpoint_patience{10'000};

/// As application/x-www-form-urlencoded has it.
std::string form_encoded(std::string_view text) {
  constexpr std::string_view k_plain = "-._~";
  std::string out;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || k_plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

net::HttpClientPolicy policy_of(const config::OauthSettings& settings) {
  net::HttpClientPolicy policy;
  policy.private_addresses = net::Allowed::yes;  // whoever configures brokers may name any endpoint
  policy.authorities = settings.cafile;
  return policy;
}

}  // namespace

EndpointTokens::EndpointTokens(config::OauthSettings settings, Clock& clock)
    : m_settings(std::move(settings)), m_clock(clock), m_http(net::open_http_client(policy_of(m_settings))) {}

transport::Token EndpointTokens::token() {
  const std::string who = fmt::format("the token endpoint {}", net::redact_url(m_settings.token_url));
  std::string credentials;
  append_base64(credentials,
                form_encoded(m_settings.client_id) + ":" + form_encoded(m_settings.client_secret));
  net::HttpCall call;
  call.method = "POST";
  call.url = m_settings.token_url;
  call.headers = {"Authorization: Basic " + credentials, "Accept: application/json",
                  "Content-Type: application/x-www-form-urlencoded"};
  call.body = "grant_type=client_credentials";
  if (!m_settings.scope.empty()) call.body += "&scope=" + form_encoded(m_settings.scope);
  call.deadline = m_clock.steady() + k_endpoint_patience;
  const net::HttpResult result = m_http->call(call);
  if (const auto* failure = std::get_if<net::FetchFailure>(&result)) {
    throw Error(ErrorCode::authentication, fmt::format("OAUTHBEARER: no token: {}", failure->error.what()),
                failure->error.retryable() ? Retryable::yes : Retryable::no);
  }
  const auto& answer = std::get<net::HttpAnswer>(result);
  if (answer.status == 200) return read_token_answer(answer.body, who, m_settings.client_id, m_clock.now());
  const std::string reason = refusal_text(answer.body);
  const bool passing = answer.status >= 500 || answer.status == 429;
  throw Error(ErrorCode::authentication,
              fmt::format("OAUTHBEARER: {} answered with status {}{}{}", who, answer.status,
                          reason.empty() ? "" : ": ", reason),
              passing ? Retryable::yes : Retryable::no);
}

}  // namespace kbeat::access
