// The `[[topic]]` tables of a config file: topics as they are to be.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kbeat/config/config_entry.hpp"

namespace kbeat::config {

struct TopicSettings {
  std::string name;
  std::optional<int> partitions{};
  int replication = -1;                         ///< -1: the broker's default
  std::map<std::string, std::string> config{};  ///< Kafka's names: retention.ms, cleanup.policy …
};

/// Throws Error{configuration} naming file, line and key; so for a name that stands there twice.
[[nodiscard]] std::vector<TopicSettings> read_topics(std::span<const ConfigEntry> entries);

}  // namespace kbeat::config
