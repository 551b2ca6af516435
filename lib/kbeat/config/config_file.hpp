// The TOML config file as flat text values: settings, librdkafka properties, and profiles of both.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kbeat/config/config_entry.hpp"

namespace kbeat::config {

/// One layer of the file: its top level or a [profile.NAME].
struct ConfigLayer {
  std::map<std::string, std::string, std::less<>> values;       ///< by setting, nested tables joined by dots
  std::vector<std::pair<std::string, std::string>> properties;  ///< from [kafka.properties]
  ConfigLists lists;                                            ///< from [[route]] and the like
};

struct ConfigFile {
  ConfigLayer base;
  std::map<std::string, ConfigLayer, std::less<>> profiles;
};

/// Throws Error{configuration} naming file and line when it cannot be read, is no TOML, is larger than 1 MiB,
/// or has a key that is no setting.
[[nodiscard]] ConfigFile read_config_file(const std::filesystem::path& path);

/// A regular file's whole content, at most `most` bytes. Throws Error{configuration} naming `what`.
[[nodiscard]] std::string read_small_file(const std::filesystem::path& path, std::size_t most,
                                          const char* what);

}  // namespace kbeat::config
