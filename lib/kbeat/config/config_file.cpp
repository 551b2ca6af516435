// Reads the config file with toml++ and flattens it.
#include "kbeat/config/config_file.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/nearest.hpp"
#include "kbeat/config/setting_table.hpp"

namespace kbeat::config {
namespace {

constexpr std::string_view k_properties = "kafka.properties.";

/// Names of the lists of tables that a config may have.
constexpr std::array<std::string_view, 4> k_lists{"route", "schedule", "schema", "topic"};

/// Where a complaint points: the file and the key within it.
struct Place {
  const std::filesystem::path& file;
  std::string key;
};

[[noreturn]] void complain(const Place& place, const toml::node& node, const std::string& why) {
  throw Error(ErrorCode::configuration,
              fmt::format("config {}, line {}: {} {}", place.file.string(), node.source().begin.line,
                          escape_for_terminal(place.key, 80), why));
}

std::string text_of_list(const Place& place, const toml::array& list) {
  auto items = nlohmann::json::array();
  for (const toml::node& item : list) {
    const auto text = item.value_exact<std::string>();
    if (!text) complain(place, item, "may list only strings");
    items.push_back(*text);
  }
  return items.dump();
}

std::string text_of(const Place& place, const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (const auto* list = node.as_array()) return text_of_list(place, *list);
  complain(place, node, "must be a string, a number, true or false, or a list of strings");
}

void fill_entry(const Place& place, const toml::table& table, ConfigEntry& entry) {
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    const Place inner{place.file, place.key.empty() ? name : place.key + "." + name};
    if (const toml::table* nested = node.as_table()) {
      fill_entry(inner, *nested, entry);
    } else if (const toml::array* list = node.as_array()) {
      for (const toml::node& item : *list) {
        const auto text = item.value_exact<std::string>();
        if (!text) complain(inner, item, "may list only strings");
        entry.values[inner.key].push_back(*text);
      }
    } else {
      entry.values[inner.key] = {text_of(inner, node)};
    }
  }
}

/// True when the node was one of the lists of tables, and was read.
bool read_list(const Place& place, const toml::node& node, ConfigLayer& layer) {
  const bool known = std::find(k_lists.begin(), k_lists.end(), place.key) != k_lists.end();
  if (!known) return false;
  if (!node.is_array_of_tables()) complain(place, node, "must be a list of tables: [[" + place.key + "]]");
  for (const toml::node& item : *node.as_array()) {
    ConfigEntry entry{.file = place.file, .name = place.key, .line = item.source().begin.line, .values = {}};
    fill_entry({place.file, ""}, *item.as_table(), entry);
    layer.lists[place.key].push_back(std::move(entry));
  }
  return true;
}

void check_known(const Place& place, const toml::node& node) {
  std::vector<std::string> names;
  for (const Setting& setting : setting_table()) {
    if (setting.name == place.key) return;
    names.emplace_back(setting.name);
  }
  complain(place, node, "is no setting" + did_you_mean(place.key, names) + " (kbeat config show lists them)");
}

void flatten(const Place& place, const toml::table& table, ConfigLayer& layer) {
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    const Place inner{place.file, place.key.empty() ? name : place.key + "." + name};
    if (read_list(inner, node, layer)) continue;
    if (const toml::table* nested = node.as_table()) {
      flatten(inner, *nested, layer);
    } else if (inner.key.starts_with(k_properties)) {
      layer.properties.emplace_back(inner.key.substr(k_properties.size()), text_of(inner, node));
    } else {
      check_known(inner, node);
      layer.values[inner.key] = text_of(inner, node);
    }
  }
}

void read_profiles(const Place& place, const toml::node& node, ConfigFile& file) {
  const toml::table* profiles = node.as_table();
  if (profiles == nullptr) complain(place, node, "must hold tables: [profile.NAME]");
  for (const auto& [name, profile] : *profiles) {
    const toml::table* table = profile.as_table();
    if (table == nullptr) complain(place, profile, "must hold tables: [profile.NAME]");
    flatten({place.file, ""}, *table, file.profiles[std::string(name.str())]);
  }
}

}  // namespace

std::string read_small_file(const std::filesystem::path& path, std::size_t most, const char* what) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  const auto fail = [&](const std::string& why) {
    throw Error(ErrorCode::configuration, fmt::format("{} {}: {}", what, path.string(), why));
  };
  if (status.type() == std::filesystem::file_type::not_found) fail("there is no such file");
  if (failure) fail(failure.message());
  if (!std::filesystem::is_regular_file(status)) fail("is not a regular file");
  std::ifstream in(path, std::ios::binary);
  if (!in) fail(std::strerror(errno));
  std::string content(most + 1, '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(in.gcount()));
  if (content.size() > most) fail(fmt::format("is larger than {} bytes", most));
  if (content.find('\0') != std::string::npos) fail("has a NUL byte in it");
  return content;
}

ConfigFile read_config_file(const std::filesystem::path& path) {
  constexpr std::size_t k_most = 1u << 20;
  const std::string content = read_small_file(path, k_most, "config");
  toml::table root;
  try {
    root = toml::parse(content, path.string());
  } catch (const toml::parse_error& error) {
    throw Error(ErrorCode::configuration, fmt::format("config {}, line {}: {}", path.string(),
                                                      error.source().begin.line, error.description()));
  }
  ConfigFile file;
  if (const toml::node* profiles = root.get("profile")) {
    read_profiles({path, "profile"}, *profiles, file);
    root.erase("profile");
  }
  flatten({path, ""}, root, file.base);
  return file;
}

}  // namespace kbeat::config
