// Endpoint or program, with the extensions that go along, behind a cache.
#include "kbeat/access/open_tokens.hpp"

#include "kbeat/access/cached_tokens.hpp"
#include "kbeat/access/endpoint_tokens.hpp"
#include "kbeat/access/program_tokens.hpp"
#include "kbeat/base/error.hpp"

namespace kbeat::access {
namespace {

using Extensions = std::vector<std::pair<std::string, std::string>>;

Extensions parse_extensions(std::string_view rest) {
  Extensions extensions;
  while (!rest.empty()) {
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), item.size() + 1));
    const std::size_t equals = item.find('=');
    if (equals == 0 || equals == std::string_view::npos) {
      throw Error(ErrorCode::configuration, "kafka.oauth_extensions: give NAME=VALUE, a comma list of them");
    }
    extensions.emplace_back(item.substr(0, equals), item.substr(equals + 1));
  }
  return extensions;
}

/// Adds the extensions to each token.
class ExtendedTokens final : public transport::TokenSource {
 public:
  ExtendedTokens(std::unique_ptr<transport::TokenSource> source, Extensions extensions)
      : m_source(std::move(source)), m_extensions(std::move(extensions)) {}

  [[nodiscard]] transport::Token token() override {
    transport::Token token = m_source->token();
    token.extensions = m_extensions;
    return token;
  }

 private:
  std::unique_ptr<transport::TokenSource> m_source;
  Extensions m_extensions;
};

std::unique_ptr<transport::TokenSource> plain_source(const config::OauthSettings& settings, Clock& clock) {
  if (settings.helper.empty()) return std::make_unique<EndpointTokens>(settings, clock);
  const std::string principal = settings.client_id.empty() ? "kbeat" : settings.client_id;
  return std::make_unique<ProgramTokens>(settings.helper, principal, clock);
}

}  // namespace

std::shared_ptr<transport::TokenSource> open_tokens(const config::OauthSettings& settings, Clock& clock) {
  if (!settings.gives_tokens()) return nullptr;
  return std::make_shared<CachedTokens>(
      std::make_unique<ExtendedTokens>(plain_source(settings, clock), parse_extensions(settings.extensions)),
      clock);
}

}  // namespace kbeat::access
