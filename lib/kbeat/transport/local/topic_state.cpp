// The settings of topics: names, defaults and allowed values.
#include "kbeat/transport/local/topic_state.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string_view>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::transport::local {
namespace {

constexpr std::string_view k_cleanup = "cleanup.policy";
constexpr std::string_view k_retention = "retention.ms";
constexpr std::string_view k_retention_bytes = "retention.bytes";
constexpr std::string_view k_tombstones = "delete.retention.ms";
constexpr std::string_view k_largest = "max.message.bytes";
constexpr std::string_view k_timestamps = "message.timestamp.type";
constexpr int k_most_partitions = 10'000;

struct Setting {
  std::string_view name;
  std::string_view standard;
  std::int64_t least;      ///< for numbers
  std::string_view words;  ///< allowed values apart from numbers, with | between them
};

/// Names and defaults are those of a Kafka broker.
constexpr std::array k_settings = {
    Setting{k_cleanup, "delete", 0, "delete|compact|compact,delete|delete,compact"},
    Setting{k_tombstones, "86400000", 0, ""},
    Setting{k_largest, "1048588", 1, ""},
    Setting{k_timestamps, "CreateTime", 0, "CreateTime|LogAppendTime"},
    Setting{k_retention_bytes, "-1", -1, ""},
    Setting{k_retention, "604800000", -1, ""},
};

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_one_of(std::string_view value, std::string_view words) {
  while (!words.empty()) {
    const std::size_t end = words.find('|');
    if (words.substr(0, end) == value) return true;
    words = end == std::string_view::npos ? "" : words.substr(end + 1);
  }
  return false;
}

void check_value(const Setting& setting, std::string_view value) {
  if (!setting.words.empty()) {
    if (is_one_of(value, setting.words)) return;
    throw Error(ErrorCode::bad_input, fmt::format("{} cannot be \"{}\": use {}", setting.name,
                                                  escape_for_terminal(value, 80), setting.words));
  }
  const std::optional<std::int64_t> number = number_of(value);
  if (number && *number >= setting.least) return;
  throw Error(ErrorCode::bad_input, fmt::format("{} cannot be \"{}\": use a whole number of at least {}",
                                                setting.name, escape_for_terminal(value, 80), setting.least));
}

std::string names_of_settings() {
  std::string names;
  for (const Setting& setting : k_settings)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", setting.name);
  return names;
}

std::optional<std::int64_t> unless_negative(const std::string& text) {
  const std::int64_t value = number_of(text).value_or(-1);
  return value < 0 ? std::nullopt : std::optional(value);
}

}  // namespace

void check_config(const std::map<std::string, std::string>& config) {
  for (const auto& [name, value] : config) {
    bool known = false;
    for (const Setting& setting : k_settings) {
      if (setting.name != name) continue;
      check_value(setting, value);
      known = true;
    }
    if (!known) {
      throw Error(ErrorCode::bad_input,
                  fmt::format("\"{}\" is not a setting of a topic of the embedded log: use {}",
                              escape_for_terminal(name, 80), names_of_settings()));
    }
  }
}

std::map<std::string, std::string> full_config(const std::map<std::string, std::string>& set) {
  std::map<std::string, std::string> full = set;
  for (const Setting& setting : k_settings) full.emplace(setting.name, setting.standard);
  return full;
}

TopicRules rules_of(const TopicState& topic) {
  const std::map<std::string, std::string> config = full_config(topic.config);
  const auto value = [&](std::string_view name) -> const std::string& {
    return config.at(std::string(name));
  };
  TopicRules rules;
  rules.deletes = value(k_cleanup).find("delete") != std::string::npos;
  rules.compacts = value(k_cleanup).find("compact") != std::string::npos;
  if (const auto retention = unless_negative(value(k_retention))) rules.retention = Milliseconds{*retention};
  rules.retention_bytes = unless_negative(value(k_retention_bytes));
  rules.tombstone_retention = Milliseconds{number_of(value(k_tombstones)).value_or(0)};
  rules.largest_record = number_of(value(k_largest)).value_or(0);
  rules.stamps_appends = value(k_timestamps) == "LogAppendTime";
  return rules;
}

void check_spec(const TopicSpec& spec) {
  check_topic_name(spec.topic.get());
  if (spec.partitions < 1 || spec.partitions > k_most_partitions) {
    throw Error(ErrorCode::bad_input, fmt::format("topic {} cannot have {} partitions: use 1 to {}",
                                                  spec.topic.get(), spec.partitions, k_most_partitions));
  }
  check_config(spec.config);
}

}  // namespace kbeat::transport::local
