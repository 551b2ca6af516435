// Layers of properties: config, profile, files, flags.
#include "kbeat/config/property_layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kbeat::config {
namespace {

/// Of a source, by its first word: what the precedence of settings is, for properties.
std::size_t rank(std::string_view source) {
  constexpr std::array<std::string_view, 5> k_order{"default", "config", "profile", "environment", "flag"};
  const std::string_view word = source.substr(0, source.find(' '));
  return static_cast<std::size_t>(std::find(k_order.begin(), k_order.end(), word) - k_order.begin());
}

bool names_brokers(const ResolvedValue& property) {
  return property.name == "bootstrap.servers" || property.name == "metadata.broker.list";
}

bool is_weak(const ResolvedValue& property) {
  const bool acks = property.name == "acks" || property.name == "request.required.acks";
  if (acks) return property.value != "all" && property.value != "-1";
  return property.name == "retries" && property.value == "0";
}

void warn_of_readable_secrets(const Properties& properties, const std::string& path,
                              std::vector<std::string>& warnings) {
  const bool secret = std::any_of(properties.begin(), properties.end(),
                                  [](const auto& one) { return is_secret_property(one.first); });
  std::string warning = secret ? permission_warning(path) : std::string();
  if (!warning.empty()) warnings.push_back(std::move(warning));
}

}  // namespace

void append_layer(PropertyLayers& to, const Properties& from, std::string_view source) {
  for (const auto& [name, value] : from) {
    to.push_back({.name = name,
                  .value = value,
                  .source = std::string(source),
                  .secrecy = is_secret_property(name) ? Secrecy::secret : Secrecy::open});
  }
}

PropertyLayers named_properties(const ConfigLayer& base, const ConfigLayer* profile, const Flags& flags,
                                std::vector<std::string>& warnings) {
  PropertyLayers layers;
  append_layer(layers, base.properties, "config");
  if (profile != nullptr) append_layer(layers, profile->properties, "profile " + flags.profile);
  for (const std::string& path : flags.property_files) {
    const Properties read = read_property_file(path);
    warn_of_readable_secrets(read, path, warnings);
    append_layer(layers, read, "flag -F " + path);
  }
  for (const std::string& flag : flags.properties) {
    if (flag != "list" && flag != "dump") append_layer(layers, {parse_property_flag(flag)}, "flag -X");
  }
  return layers;
}

std::string source_of(const std::vector<ResolvedValue>& values,
                      std::initializer_list<std::string_view> prefixes) {
  std::string strongest = "default";
  for (const ResolvedValue& value : values) {
    const bool counts = std::any_of(prefixes.begin(), prefixes.end(),
                                    [&](std::string_view prefix) { return value.name.starts_with(prefix); });
    if (counts && rank(value.source) > rank(strongest)) strongest = value.source;
  }
  return strongest;
}

const ResolvedValue* stronger_brokers(const PropertyLayers& named, const ResolvedValue& value) {
  const auto last = std::find_if(named.rbegin(), named.rend(), names_brokers);
  return last == named.rend() || rank(last->source) <= rank(value.source) ? nullptr : &*last;
}

PropertyLayers in_order(PropertyLayers by_settings, const PropertyLayers& named) {
  by_settings.insert(by_settings.end(), named.begin(), named.end());
  std::erase_if(by_settings, names_brokers);
  std::stable_sort(
      by_settings.begin(), by_settings.end(),
      [](const ResolvedValue& a, const ResolvedValue& b) { return rank(a.source) < rank(b.source); });
  return by_settings;
}

void settle_idempotence(PropertyLayers& layers, std::vector<std::string>& warnings) {
  const auto weak = std::find_if(layers.begin(), layers.end(), is_weak);
  if (weak == layers.end()) return;
  warnings.push_back(fmt::format("{}={} turns idempotence off: records may be lost, doubled or reordered",
                                 weak->name, weak->value));
  append_layer(layers, {{"enable.idempotence", "false"}},
               fmt::format("follows from {}={}", weak->name, weak->value));
}

Properties plain_properties(const PropertyLayers& layers) {
  Properties plain;
  for (const ResolvedValue& property : layers) plain.emplace_back(property.name, property.value);
  return plain;
}

}  // namespace kbeat::config
