// Event types of one's own with their schemas.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "kbeat/config/config_entry.hpp"

namespace kbeat::config {

/// One `[[schema]]`.
struct SchemaSettings {
  std::string place;  ///< where it was given, for messages
  std::string name;   ///< the type's, or else the file's
  std::string type;   ///< empty: every event of its topics
  std::vector<std::string> topics;
  std::filesystem::path file;
};

/// Throws Error{configuration} naming file, line and key.
[[nodiscard]] std::vector<SchemaSettings> read_schemas(std::span<const ConfigEntry> entries);

}  // namespace kbeat::config
