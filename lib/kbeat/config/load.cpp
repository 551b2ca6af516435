// Looks each setting of the table up in its sources, highest first, and settles what depends on several.
#include "kbeat/config/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/nearest.hpp"
#include "kbeat/config/config_file.hpp"
#include "kbeat/config/property_layers.hpp"
#include "kbeat/config/setting_table.hpp"
#include "kbeat/config/transport_choice.hpp"

namespace kbeat::config {
namespace {

struct Found {
  std::string text;
  std::string source;
};

/// Everything that a value may come from.
struct Sources {
  const Flags& flags;
  const Environment& environment;
  ConfigFile file;
  const ConfigLayer* profile = nullptr;
};

std::string variable(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  if (found == environment.end()) return {};
  if (!is_utf8(found->second)) {
    throw Error(ErrorCode::configuration, fmt::format("environment {}: the value is not UTF-8", name));
  }
  return found->second;
}

/// $NAME/kbeat when the variable is an absolute path, else ~/FALLBACK/kbeat; empty without a home.
std::filesystem::path user_directory(const Environment& environment, const char* name, const char* fallback) {
  const std::filesystem::path set = variable(environment, name);
  if (set.is_absolute()) return set / "kbeat";
  const std::filesystem::path home = variable(environment, "HOME");
  return home.is_absolute() ? home / fallback / "kbeat" : std::filesystem::path();
}

ConfigFile find_config(const Flags& flags, const Environment& environment) {
  const std::string named =
      flags.config_file.empty() ? variable(environment, "KBEAT_CONFIG") : flags.config_file;
  if (!named.empty()) return read_config_file(named);
  const auto usual = user_directory(environment, "XDG_CONFIG_HOME", ".config") / "config.toml";
  std::error_code missing;
  return usual.is_absolute() && std::filesystem::exists(usual, missing) ? read_config_file(usual)
                                                                        : ConfigFile();
}

const ConfigLayer* find_profile(const ConfigFile& file, const std::string& name) {
  if (name.empty()) return nullptr;
  const auto found = file.profiles.find(name);
  if (found != file.profiles.end()) return &found->second;
  std::vector<std::string> names;
  for (const auto& profile : file.profiles) names.push_back(profile.first);
  throw Error(ErrorCode::configuration,
              fmt::format("--profile {}: the config has no [profile.{}]{}", escape_for_terminal(name, 80),
                          escape_for_terminal(name, 80), did_you_mean(name, names)));
}

/// Two texts of one setting: `true` and `1`, a comma list and a JSON list of the same brokers.
bool means_the_same(const Setting& setting, const Found& a, const Found& b) {
  const auto canonical = [&](const Found& found) {
    return setting.canonical({setting.name, found.text, found.source, setting.form, setting.secrecy});
  };
  return a.text == b.text || (setting.canonical != nullptr && canonical(a) == canonical(b));
}

std::optional<Found> from_environment(const Setting& setting, const Environment& environment) {
  std::optional<Found> first;
  for (const std::string_view name : setting.variables) {
    const std::string text = variable(environment, name);
    if (text.empty()) continue;
    Found found{text, fmt::format("environment {}", name)};
    if (first && !means_the_same(setting, *first, found)) {
      throw Error(ErrorCode::configuration,
                  fmt::format("{} and {} mean the same setting ({}) and differ: unset one of them",
                              first->source.substr(first->source.find(' ') + 1), name, setting.name));
    }
    if (!first) first = std::move(found);
  }
  return first;
}

std::optional<Found> from_layer(const Setting& setting, const ConfigLayer* layer, const std::string& source) {
  if (layer == nullptr) return std::nullopt;
  const auto found = layer->values.find(setting.name);
  if (found == layer->values.end()) return std::nullopt;
  return Found{found->second, source};
}

std::optional<Found> look_up(const Setting& setting, const Sources& sources) {
  const auto flag = sources.flags.values.find(std::string(setting.name));
  if (flag != sources.flags.values.end()) return Found{flag->second.text, "flag " + flag->second.flag};
  auto found = from_environment(setting, sources.environment);
  if (!found) found = from_layer(setting, sources.profile, "profile " + sources.flags.profile);
  if (!found) found = from_layer(setting, &sources.file.base, "config");
  return found;
}

std::string shown_default(const Setting& setting, const Settings& settings) {
  return setting.name == "data_dir" ? settings.transport.data_dir.string()
                                    : std::string(setting.default_text);
}

/// A flag that sets no setting would be passed over in silence: a bug of the command that declares it.
void check_flags(const Flags& flags) {
  const auto table = setting_table();
  for (const auto& [name, value] : flags.values) {
    const bool known =
        std::any_of(table.begin(), table.end(), [&](const Setting& setting) { return setting.name == name; });
    if (!known)
      throw Error(ErrorCode::internal, fmt::format("{} sets {}, which is no setting", value.flag, name));
  }
}

void resolve_all(const Sources& sources, Loaded& loaded, KafkaInputs& kafka) {
  for (const Setting& setting : setting_table()) {
    ResolvedValue value{
        .name = std::string(setting.name), .value = {}, .source = "default", .secrecy = setting.secrecy};
    if (const auto found = look_up(setting, sources)) {
      const auto known = static_cast<std::ptrdiff_t>(kafka.properties.size());
      setting.apply({loaded.settings, kafka},
                    {setting.name, found->text, found->source, setting.form, setting.secrecy});
      append_layer(loaded.properties, {kafka.properties.begin() + known, kafka.properties.end()},
                   found->source);
      value.value = found->text;
      value.source = found->source;
      if (has_login(found->text)) value.secrecy = Secrecy::secret;
    } else {
      value.value = shown_default(setting, loaded.settings);
    }
    loaded.values.push_back(std::move(value));
  }
}

void check_directory(const Settings& settings) {
  if (!settings.transport.data_dir.empty()) return;
  throw Error(ErrorCode::configuration,
              "data_dir: there is no HOME to put it into; give --data-dir or set KBEAT_HOME to a directory");
}

void settle_verbosity(const Flags& flags, Settings& settings) {
  if (flags.quiet && flags.verbose > 0)
    throw Error(ErrorCode::usage, "-q and -v contradict each other: give one");
  settings.log.verbosity = flags.quiet ? -1 : flags.verbose;
  if (flags.quiet) settings.log.level = LogLevel::error;
  if (flags.verbose > 1) settings.log.level = LogLevel::debug;
}

void settle_color(const Sources& sources, Settings& settings) {
  const bool by_flag = sources.flags.values.contains("color");
  if (!by_flag && !variable(sources.environment, "NO_COLOR").empty()) settings.color = Color::never;
}

ConfigLists lists_of(const Sources& sources) {
  ConfigLists lists = sources.file.base.lists;
  if (sources.profile == nullptr) return lists;
  for (const auto& [name, entries] : sources.profile->lists) lists[name] = entries;
  return lists;
}

/// The SASL mechanism that was asked for, by whichever name; later ones win.
std::string mechanism_of(const KafkaInputs& inputs, const PropertyLayers& named) {
  std::string mechanism = inputs.sasl_mechanism;
  for (const ResolvedValue& property : named) {
    if (property.name == "sasl.mechanism" || property.name == "sasl.mechanisms") mechanism = property.value;
  }
  return mechanism;
}

/// `bootstrap.servers` is one more way to name brokers.
void settle_brokers(const PropertyLayers& named, Loaded& loaded) {
  const auto value = std::find_if(loaded.values.begin(), loaded.values.end(),
                                  [](const ResolvedValue& one) { return one.name == "kafka.brokers"; });
  const ResolvedValue* property = stronger_brokers(named, *value);
  if (property == nullptr) return;
  value->value = property->value;
  value->source = property->source;
  loaded.settings.transport.kafka.brokers = parse_brokers(
      {property->name, property->value, property->source, "HOST:PORT, or a comma list of them"});
}

}  // namespace

bool Flags::asks_for_properties() const {
  return std::any_of(properties.begin(), properties.end(),
                     [](const std::string& text) { return text == "list" || text == "dump"; });
}

bool Loaded::holds_secrets() const {
  const auto is_held = [](const ResolvedValue& one) {
    return one.secrecy == Secrecy::secret && !one.value.empty();
  };
  return std::any_of(values.begin(), values.end(), is_held) ||
         std::any_of(properties.begin(), properties.end(), is_held) ||
         !settings.transport.kafka.oauth.client_secret.empty();
}

Loaded load(const Flags& flags, const Environment& environment) {
  Sources sources{flags, environment, find_config(flags, environment), nullptr};
  sources.profile = find_profile(sources.file, flags.profile);
  Loaded loaded;
  check_flags(flags);
  KafkaInputs inputs;
  Settings& settings = loaded.settings;
  settings.alerts = default_alerts();
  settings.transport.data_dir = user_directory(environment, "XDG_DATA_HOME", ".local/share");
  resolve_all(sources, loaded, inputs);
  check_directory(settings);
  settle_verbosity(flags, settings);
  settle_color(sources, settings);

  loaded.lists = lists_of(sources);
  settings.routes = read_routes(loaded.lists["route"]);
  settings.schemas = read_schemas(loaded.lists["schema"]);

  PropertyLayers named = named_properties(sources.file.base, sources.profile, flags, loaded.warnings);
  KafkaSettings& kafka = settings.transport.kafka;
  settle_brokers(named, loaded);
  const TransportDecision decision = choose_transport(inputs, settings.transport);
  settings.transport.choice = decision.choice;
  loaded.transport_notice = decision.notice;
  take_oauth_properties(inputs.oauth, named);
  if (decision.choice == TransportChoice::kafka) {
    settle_oauth(inputs.oauth, mechanism_of(inputs, named), loaded.transport_warnings);
    append_layer(loaded.properties, security_properties(inputs, kafka.brokers, loaded.transport_warnings),
                 source_of(loaded.values, {"kafka.s", "kafka.oauth"}));
  }
  kafka.oauth = inputs.oauth;
  loaded.properties = in_order(std::move(loaded.properties), named);
  settle_idempotence(loaded.properties, loaded.transport_warnings);
  kafka.properties = plain_properties(loaded.properties);
  return loaded;
}

}  // namespace kbeat::config
