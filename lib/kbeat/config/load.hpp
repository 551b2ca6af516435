// Settings from flags, environment, config file and defaults, each with the source of its value.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kbeat/config/config_entry.hpp"
#include "kbeat/config/environment.hpp"
#include "kbeat/config/settings.hpp"

namespace kbeat::config {

struct FlagValue {
  std::string flag;  ///< as it is written, for messages: `--brokers`
  std::string text;
};

/// What the command line says.
struct Flags {
  std::map<std::string, FlagValue> values;  ///< by setting, such as `batch.size`
  std::vector<std::string> properties;      ///< -X NAME=VALUE
  std::vector<std::string> property_files;  ///< -F
  std::string config_file;
  std::string profile;
  bool quiet = false;
  int verbose = 0;

  /// -X list or -X dump: the properties themselves are asked for.
  [[nodiscard]] bool asks_for_properties() const;
};

/// A setting as it counts, in the words that it was given in.
struct ResolvedValue {
  std::string name;
  std::string value;
  std::string source;  ///< `flag --brokers`, `environment KAFKA_BROKERS`, `profile dev`, `config`, `default`
  Secrecy secrecy = Secrecy::open;
};

struct Loaded {
  Settings settings;
  std::vector<ResolvedValue> values;            ///< every setting, in the order of the documentation
  std::vector<ResolvedValue> properties;        ///< librdkafka's, the last of a name counts
  std::string transport_notice;                 ///< says why the embedded log is used; empty otherwise
  std::vector<std::string> transport_warnings;  ///< to be said once a transport is opened
  std::vector<std::string> warnings;
  ConfigLists lists;  ///< the config's lists of tables; those of a profile take the place of the others

  /// A password, key or token is among the settings.
  [[nodiscard]] bool holds_secrets() const;
};

/// Precedence: flag, environment, config profile, config, default. Throws Error{configuration} (Error{usage}
/// for a flag) naming the setting, its source and the allowed form; a secret's value is never repeated.
[[nodiscard]] Loaded load(const Flags& flags, const Environment& environment);

/// What stands in place of a secret wherever settings are shown.
inline constexpr const char* k_masked = "********";

}  // namespace kbeat::config
