// Property files, -X, and the mapping of security settings.
#include "kbeat/config/kafka_properties.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <sstream>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/config/config_file.hpp"

namespace kbeat::config {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool is_loopback(const std::string& broker) {
  return broker.starts_with("localhost:") || broker.starts_with("127.") || broker.starts_with("[::1]:");
}

/// The protocol that is meant when none is named.
std::string implied_protocol(const KafkaInputs& inputs) {
  const bool certificates =
      std::any_of(inputs.properties.begin(), inputs.properties.end(),
                  [](const auto& property) { return property.first.starts_with("ssl."); });
  const bool user = !inputs.sasl_username.empty();
  if (inputs.oauth.gives_tokens()) return "sasl_ssl";  // a token in clear is anybody's
  if (user) return certificates ? "sasl_ssl" : "sasl_plaintext";
  return certificates ? "ssl" : "";
}

std::string password_of(const KafkaInputs& inputs, std::vector<std::string>& warnings) {
  if (inputs.sasl_password_file.empty()) return inputs.sasl_password;
  return read_secret_file(inputs.sasl_password_file, "kafka.sasl_password_file", warnings);
}

void append_sasl(Properties& out, const KafkaInputs& inputs, std::vector<std::string>& warnings) {
  const std::string password = password_of(inputs, warnings);
  const std::string mechanism = !inputs.sasl_mechanism.empty()  ? inputs.sasl_mechanism
                                : inputs.oauth.gives_tokens()   ? "OAUTHBEARER"
                                : !inputs.sasl_username.empty() ? "PLAIN"
                                                                : "";
  if (!mechanism.empty()) out.emplace_back("sasl.mechanisms", mechanism);
  if (inputs.sasl_username.empty()) return;
  if (password.empty()) {
    throw Error(
        ErrorCode::configuration,
        "kafka.sasl_username is set without a password: set KAFKA_SASL_PASSWORD or kafka.sasl_password_file");
  }
  out.emplace_back("sasl.username", inputs.sasl_username);
  out.emplace_back("sasl.password", password);
}

}  // namespace

bool is_secret_property(std::string_view name) {
  constexpr std::string_view k_parts[] = {
      "password", "secret", "ssl.key.pem", "ssl_key", "sasl.oauthbearer.config", "token"};
  const bool is_place = name.ends_with(".location") || name.ends_with(".url") || name.ends_with(".cb");
  return !is_place && std::any_of(std::begin(k_parts), std::end(k_parts), [&](std::string_view part) {
    return name.find(part) != std::string_view::npos;
  });
}

std::pair<std::string, std::string> parse_property_flag(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Error(ErrorCode::usage, fmt::format("-X \"{}\" is not NAME=VALUE (-X list prints the names)",
                                              escape_for_terminal(text, 80)));
  }
  const std::string name = text.substr(0, equals);
  if (is_secret_property(name)) {
    throw Error(
        ErrorCode::usage,
        fmt::format(
            "-X {}: other users can read a secret on the command line; set KAFKA_SASL_PASSWORD, or put "
            "the property into a file of yours and give it with -F",
            escape_for_terminal(name, 80)));
  }
  return {name, text.substr(equals + 1)};
}

Properties read_property_file(const std::filesystem::path& path) {
  constexpr std::size_t k_most = 1u << 20;
  std::istringstream lines(read_small_file(path, k_most, "-F"));
  Properties properties;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const std::string content = trimmed(line);
    if (content.empty() || content.front() == '#') continue;
    const std::size_t equals = content.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(ErrorCode::configuration,
                  fmt::format("-F {}, line {}: not NAME=VALUE", path.string(), number));
    }
    properties.emplace_back(trimmed(content.substr(0, equals)), trimmed(content.substr(equals + 1)));
  }
  return properties;
}

Properties security_properties(const KafkaInputs& inputs, const std::vector<std::string>& brokers,
                               std::vector<std::string>& warnings) {
  Properties out;
  const bool implied = inputs.security_protocol.empty();
  const std::string protocol = implied ? implied_protocol(inputs) : inputs.security_protocol;
  if (!protocol.empty()) out.emplace_back("security.protocol", protocol);
  append_sasl(out, inputs, warnings);
  const bool in_clear =
      protocol == "sasl_plaintext" && !std::all_of(brokers.begin(), brokers.end(), is_loopback);
  if (in_clear) {
    warnings.push_back(implied
                           ? "a user name without KAFKA_SECURITY_PROTOCOL means SASL_PLAINTEXT: the password "
                             "crosses the network in clear; set it to SASL_SSL"
                           : "SASL_PLAINTEXT: credentials cross the network without encryption");
  }
  return out;
}

std::string read_secret_file(const std::string& path, const std::string& what,
                             std::vector<std::string>& warnings) {
  constexpr std::size_t k_most = 64u << 10;
  std::string secret = read_small_file(path, k_most, what.c_str());
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  const std::string warning = permission_warning(path);
  if (!warning.empty()) warnings.push_back(warning);
  return secret;
}

std::string permission_warning(const std::filesystem::path& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0 || (info.st_mode & (S_IRGRP | S_IROTH)) == 0) return {};
  return fmt::format("{} holds a secret and can be read by others; run: chmod 600 {}", path.string(),
                     path.string());
}

}  // namespace kbeat::config
