// Tokens from an endpoint, for client credentials.
#pragma once

#include <memory>

#include "kbeat/config/oauth_settings.hpp"
#include "kbeat/net/http_client.hpp"
#include "kbeat/transport/token_source.hpp"

namespace kbeat::access {

/// One POST a token (RFC 6749, section 4.4; id and secret in the Authorization header).
class EndpointTokens final : public transport::TokenSource {
 public:
  /// The clock outlives it.
  EndpointTokens(config::OauthSettings settings, Clock& clock);

  [[nodiscard]] transport::Token token() override;

 private:
  config::OauthSettings m_settings;
  Clock& m_clock;
  std::unique_ptr<net::HttpClient> m_http;
};

}  // namespace kbeat::access
