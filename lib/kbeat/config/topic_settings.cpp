// Reads [[topic]].
#include "kbeat/config/topic_settings.hpp"

#include <algorithm>

namespace kbeat::config {
namespace {

TopicSettings read_topic(const ConfigEntry& entry, const std::vector<TopicSettings>& before) {
  constexpr std::int64_t k_most_partitions = 100'000;
  constexpr std::int64_t k_most_copies = 100;
  EntryReader reader(entry);
  TopicSettings topic;
  topic.name = reader.text("name");
  const bool twice =
      std::any_of(before.begin(), before.end(), [&](const auto& each) { return each.name == topic.name; });
  if (twice) reader.refuse("name", "stands there twice");
  if (reader.has("partitions"))
    topic.partitions = static_cast<int>(reader.whole("partitions", 1, k_most_partitions, 1));
  topic.replication = static_cast<int>(reader.whole("replication", -1, k_most_copies, -1));
  for (auto& [key, value] : reader.table("config")) topic.config[key] = value;
  reader.finish();
  return topic;
}

}  // namespace

std::vector<TopicSettings> read_topics(std::span<const ConfigEntry> entries) {
  std::vector<TopicSettings> topics;
  for (const ConfigEntry& entry : entries) topics.push_back(read_topic(entry, topics));
  return topics;
}

}  // namespace kbeat::config
