// Where the tokens of SASL OAUTHBEARER come from.
#pragma once

#include <string>
#include <vector>

namespace kbeat::config {

/// A token endpoint that is asked for client credentials (RFC 6749, section 4.4), or a program that prints a
/// token; neither: no tokens.
struct OauthSettings {
  std::string token_url;
  std::string client_id;
  std::string client_secret;
  std::string client_secret_file;  ///< read by load() into client_secret
  std::string scope;
  std::string cafile;      ///< of the endpoint's certificate; empty: the system's authorities
  std::string extensions;  ///< NAME=VALUE,… told to the broker along with the token
  std::string helper;      ///< a command, run without a shell

  [[nodiscard]] bool gives_tokens() const { return !token_url.empty() || !helper.empty(); }
};

struct ResolvedValue;

/// Takes librdkafka's own names for these (`sasl.oauthbearer.token.endpoint.url` and its like) out of
/// `properties`, of which later ones win; settings that were given by our names stand above them. Throws
/// Error{configuration} for tokens that nobody signs.
void take_oauth_properties(OauthSettings& oauth, std::vector<ResolvedValue>& properties);

/// Reads the secret's file and checks that the parts fit together. `mechanism` is the SASL mechanism that was
/// asked for, or empty. Throws Error{configuration} saying what is missing.
void settle_oauth(OauthSettings& oauth, const std::string& mechanism, std::vector<std::string>& warnings);

}  // namespace kbeat::config
