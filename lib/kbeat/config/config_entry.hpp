// One `[[name]]` table of the config file, read key by key; a key that nobody asked for is an error.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kbeat/base/clock.hpp"

namespace kbeat::config {

/// The table as flat texts, inner tables joined by dots; a list has an item for each of its strings, anything
/// else has one.
struct ConfigEntry {
  std::filesystem::path file;
  std::string name;  ///< `route`
  unsigned line = 0;
  std::map<std::string, std::vector<std::string>, std::less<>> values;
};

/// The lists of a config, by name.
using ConfigLists = std::map<std::string, std::vector<ConfigEntry>, std::less<>>;

/// Every complaint is an Error{configuration} that names file, line, table and key. The entry outlives it.
class EntryReader {
 public:
  explicit EntryReader(const ConfigEntry& entry) : m_entry(entry) {}

  [[nodiscard]] bool has(std::string_view key) const { return m_entry.values.contains(key); }
  /// Must be there and not empty.
  [[nodiscard]] std::string text(std::string_view key);
  [[nodiscard]] std::string text_or(std::string_view key, std::string_view otherwise);
  [[nodiscard]] std::vector<std::string> list(std::string_view key);
  /// A file that must be named; a relative name counts from the config's folder.
  [[nodiscard]] std::filesystem::path file(std::string_view key);
  /// An inner table: each of its keys with its text.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> table(std::string_view key);
  [[nodiscard]] bool flag(std::string_view key);
  [[nodiscard]] std::optional<Milliseconds> span(std::string_view key);
  /// A whole number between both bounds, or `otherwise`.
  [[nodiscard]] std::int64_t whole(std::string_view key, std::int64_t least, std::int64_t most,
                                   std::int64_t otherwise);

  [[noreturn]] void refuse(std::string_view key, std::string_view why) const;
  /// `config FILE, line N`.
  [[nodiscard]] std::string place() const;
  /// Refuses the first key that was not asked for.
  void finish() const;

 private:
  [[nodiscard]] const std::string* find(std::string_view key);

  const ConfigEntry& m_entry;
  std::set<std::string, std::less<>> m_asked;
};

}  // namespace kbeat::config
