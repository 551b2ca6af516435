// The settings of OAUTHBEARER, by our names and by librdkafka's.
#include "kbeat/config/oauth_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kbeat/base/error.hpp"
#include "kbeat/config/config_file.hpp"
#include "kbeat/config/kafka_properties.hpp"
#include "kbeat/config/load.hpp"
#include "kbeat/config/setting_table.hpp"

namespace kbeat::config {
namespace {

struct Synonym {
  std::string_view property;
  std::string OauthSettings::*place;
};

constexpr std::array k_synonyms{
    Synonym{"sasl.oauthbearer.token.endpoint.url", &OauthSettings::token_url},
    Synonym{"sasl.oauthbearer.client.id", &OauthSettings::client_id},
    Synonym{"sasl.oauthbearer.client.secret", &OauthSettings::client_secret},
    Synonym{"sasl.oauthbearer.scope", &OauthSettings::scope},
    Synonym{"sasl.oauthbearer.extensions", &OauthSettings::extensions},
    Synonym{"https.ca.location", &OauthSettings::cafile},
};

[[noreturn]] void refuse_oauth(const std::string& why) {
  throw Error(ErrorCode::configuration, "OAUTHBEARER: " + why);
}

bool is_in_clear(const std::string& url) {
  const bool loopback = url.starts_with("http://127.") || url.starts_with("http://localhost") ||
                        url.starts_with("http://[::1]");
  return url.starts_with("http://") && !loopback;
}

template <std::string OauthSettings::*place>
void keep(Target target, const Given& given) {
  target.kafka.oauth.*place = given.text;
}

}  // namespace

std::vector<Setting> oauth_settings() {
  return {
      {"kafka.oauth_token_url",
       {"KAFKA_OAUTH_TOKEN_URL"},
       "",
       "the URL of a token endpoint",
       keep<&OauthSettings::token_url>},
      {"kafka.oauth_client_id",
       {"KAFKA_OAUTH_CLIENT_ID"},
       "",
       "a client id",
       keep<&OauthSettings::client_id>},
      {"kafka.oauth_client_secret",
       {"KAFKA_OAUTH_CLIENT_SECRET"},
       "",
       "a client secret",
       keep<&OauthSettings::client_secret>,
       Secrecy::secret},
      {"kafka.oauth_client_secret_file",
       {},
       "",
       "the path of a file that holds the client secret",
       keep<&OauthSettings::client_secret_file>},
      {"kafka.oauth_scope",
       {"KAFKA_OAUTH_SCOPE"},
       "",
       "scopes, separated by blanks",
       keep<&OauthSettings::scope>},
      {"kafka.oauth_cafile",
       {"KAFKA_OAUTH_CAFILE"},
       "",
       "the path of a PEM file: who may vouch for the token endpoint",
       keep<&OauthSettings::cafile>},
      {"kafka.oauth_extensions",
       {"KAFKA_OAUTH_EXTENSIONS"},
       "",
       "NAME=VALUE, a comma list of them",
       keep<&OauthSettings::extensions>},
      {"kafka.oauth_helper",
       {"KAFKA_OAUTH_HELPER"},
       "",
       "a command that prints a token",
       keep<&OauthSettings::helper>},
  };
}

void take_oauth_properties(OauthSettings& oauth, std::vector<ResolvedValue>& properties) {
  for (auto property = properties.rbegin(); property != properties.rend(); ++property) {
    if (property->name == "enable.sasl.oauthbearer.unsecure.jwt" && property->value == "true") {
      refuse_oauth(
          "tokens that nobody signed are refused; for a test broker let kafka.oauth_helper print one");
    }
    const auto* synonym = std::find_if(k_synonyms.begin(), k_synonyms.end(),
                                       [&](const Synonym& each) { return each.property == property->name; });
    if (synonym != k_synonyms.end() && (oauth.*synonym->place).empty())
      oauth.*synonym->place = property->value;
  }
  std::erase_if(properties, [](const ResolvedValue& property) {
    const bool ours = std::any_of(k_synonyms.begin(), k_synonyms.end(),
                                  [&](const Synonym& each) { return each.property == property.name; });
    return ours || property.name == "sasl.oauthbearer.method" ||
           property.name == "enable.sasl.oauthbearer.unsecure.jwt";
  });
}

void settle_oauth(OauthSettings& oauth, const std::string& mechanism, std::vector<std::string>& warnings) {
  if (!oauth.gives_tokens()) {
    if (mechanism != "OAUTHBEARER") return;
    refuse_oauth(
        "there is nothing to get a token from: set KAFKA_OAUTH_TOKEN_URL with KAFKA_OAUTH_CLIENT_ID and "
        "KAFKA_OAUTH_CLIENT_SECRET, or KAFKA_OAUTH_HELPER to a command that prints one");
  }
  if (!mechanism.empty() && mechanism != "OAUTHBEARER") {
    refuse_oauth(fmt::format("kafka.sasl_mechanism is {} and takes no token: leave it out", mechanism));
  }
  if (!oauth.helper.empty() && !oauth.token_url.empty()) {
    refuse_oauth("kafka.oauth_token_url and kafka.oauth_helper exclude each other");
  }
  if (!oauth.client_secret_file.empty()) {
    oauth.client_secret =
        read_secret_file(oauth.client_secret_file, "kafka.oauth_client_secret_file", warnings);
  }
  if (oauth.token_url.empty()) return;
  if (oauth.client_id.empty() || oauth.client_secret.empty()) {
    refuse_oauth("a token endpoint wants KAFKA_OAUTH_CLIENT_ID and KAFKA_OAUTH_CLIENT_SECRET");
  }
  if (is_in_clear(oauth.token_url)) {
    warnings.push_back("kafka.oauth_token_url: over http: the client secret crosses the network in clear");
  }
}

}  // namespace kbeat::config
