// Reads the tables of lists such as [[route]].
#include "kbeat/config/config_entry.hpp"

#include <fmt/format.h>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/nearest.hpp"
#include "kbeat/config/parse_value.hpp"

namespace kbeat::config {

const std::string* EntryReader::find(std::string_view key) {
  m_asked.emplace(key);
  const auto found = m_entry.values.find(key);
  if (found == m_entry.values.end()) return nullptr;
  if (found->second.size() != 1) refuse(key, "must be one value, not a list");
  return &found->second.front();
}

std::string EntryReader::text(std::string_view key) {
  const std::string* found = find(key);
  if (found == nullptr) refuse(key, "is missing");
  if (found->empty()) refuse(key, "is empty");
  return *found;
}

std::string EntryReader::text_or(std::string_view key, std::string_view otherwise) {
  const std::string* found = find(key);
  return found == nullptr ? std::string(otherwise) : *found;
}

std::vector<std::string> EntryReader::list(std::string_view key) {
  m_asked.emplace(key);
  const auto found = m_entry.values.find(key);
  return found == m_entry.values.end() ? std::vector<std::string>() : found->second;
}

std::filesystem::path EntryReader::file(std::string_view key) {
  return m_entry.file.parent_path() / text(key);
}

std::vector<std::pair<std::string, std::string>> EntryReader::table(std::string_view key) {
  const std::string prefix = fmt::format("{}.", key);
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [name, values] : m_entry.values) {
    if (!name.starts_with(prefix)) continue;
    m_asked.insert(name);
    if (values.size() != 1) refuse(name, "must be one value, not a list");
    pairs.emplace_back(name.substr(prefix.size()), values.front());
  }
  return pairs;
}

bool EntryReader::flag(std::string_view key) {
  const std::string* found = find(key);
  if (found == nullptr) return false;
  if (*found != "true" && *found != "false") refuse(key, "must be true or false");
  return *found == "true";
}

std::optional<Milliseconds> EntryReader::span(std::string_view key) {
  const std::string* found = find(key);
  if (found == nullptr) return std::nullopt;
  try {
    return parse_duration(*found);
  } catch (const Error&) {
    refuse(key, "must be a span such as 10s");
  }
}

std::int64_t EntryReader::whole(std::string_view key, std::int64_t least, std::int64_t most,
                                std::int64_t otherwise) {
  const std::string* found = find(key);
  if (found == nullptr) return otherwise;
  const std::string form = fmt::format("a whole number from {} to {}", least, most);
  return parse_whole({.name = key, .text = *found, .source = place(), .form = form}, least, most);
}

std::string EntryReader::place() const {
  return fmt::format("config {}, line {}", m_entry.file.string(), m_entry.line);
}

void EntryReader::refuse(std::string_view key, std::string_view why) const {
  throw Error(ErrorCode::configuration,
              fmt::format("{}: {} of [[{}]] {}", place(), escape_for_terminal(key, 80), m_entry.name, why));
}

void EntryReader::finish() const {
  for (const auto& [key, values] : m_entry.values) {
    if (m_asked.contains(key)) continue;
    const std::vector<std::string> known(m_asked.begin(), m_asked.end());
    refuse(key, "is no key of it" + did_you_mean(key, known));
  }
}

}  // namespace kbeat::config
