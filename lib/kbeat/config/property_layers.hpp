// librdkafka's properties from all that names them, each with its source.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/config/config_file.hpp"
#include "kbeat/config/kafka_properties.hpp"
#include "kbeat/config/load.hpp"

namespace kbeat::config {

using PropertyLayers = std::vector<ResolvedValue>;  ///< lowest precedence first, names may come again

/// Appends properties that one source named.
void append_layer(PropertyLayers& to, const Properties& from, std::string_view source);

/// The config's [kafka.properties], those of the profile (which may be null), files of -F, -X. Warns of files
/// with secrets that others can read.
[[nodiscard]] PropertyLayers named_properties(const ConfigLayer& base, const ConfigLayer* profile,
                                              const Flags& flags, std::vector<std::string>& warnings);

/// The strongest source of the settings whose names begin with one of `prefixes`.
[[nodiscard]] std::string source_of(const std::vector<ResolvedValue>& values,
                                    std::initializer_list<std::string_view> prefixes);

/// The last property that names brokers, when its source is stronger than `value`'s own, else null.
[[nodiscard]] const ResolvedValue* stronger_brokers(const PropertyLayers& named, const ResolvedValue& value);

/// Both together, weaker sources first and without the properties that name brokers.
[[nodiscard]] PropertyLayers in_order(PropertyLayers by_settings, const PropertyLayers& named);

/// Fewer acks or no retries turn the idempotent producer off: adds the property and a warning.
void settle_idempotence(PropertyLayers& layers, std::vector<std::string>& warnings);

/// As librdkafka's conf takes them.
[[nodiscard]] Properties plain_properties(const PropertyLayers& layers);

}  // namespace kbeat::config
