// The one table of settings: name, variables, default, allowed form and where the value goes.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/config/parse_value.hpp"
#include "kbeat/config/settings.hpp"

namespace kbeat::config {

/// Values that decide the transport or become librdkafka properties, kept until all of them are known.
struct KafkaInputs {
  std::string transport = "auto";
  std::string enabled;  ///< empty, true or false
  std::string security_protocol;
  std::string sasl_mechanism;
  std::string sasl_username;
  std::string sasl_password;
  std::string sasl_password_file;
  OauthSettings oauth;
  std::vector<std::pair<std::string, std::string>> properties;  ///< named one to one by settings
};

struct Target {
  Settings& settings;
  KafkaInputs& kafka;
};

/// Puts the value where it belongs, or refuses it.
using Apply = void (*)(Target target, const Given& given);

struct Setting {
  std::string_view name;
  std::vector<std::string_view> variables;  ///< synonyms in the environment
  std::string_view default_text;            ///< as `config show` prints it; empty: unset
  std::string_view form;
  Apply apply;
  Secrecy secrecy = Secrecy::open;
  std::string (*canonical)(const Given& given) = nullptr;  ///< one text for all that mean the same
};

/// In the order of the documentation; kafka settings first.
[[nodiscard]] std::span<const Setting> setting_table();

/// The parts that it is made of.
[[nodiscard]] std::vector<Setting> kafka_settings();
[[nodiscard]] std::vector<Setting> oauth_settings();
[[nodiscard]] std::vector<Setting> program_settings();
[[nodiscard]] std::vector<Setting> upkeep_settings();

}  // namespace kbeat::config
