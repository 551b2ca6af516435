// The table of known topics.
#include "kbeat/transport/topic_table.hpp"

#include <algorithm>
#include <array>

namespace kbeat::transport {
namespace {

constexpr std::string_view k_one_day = "86400000";
constexpr std::string_view k_three_days = "259200000";
constexpr std::string_view k_seven_days = "604800000";
constexpr std::string_view k_thirty_days = "2592000000";
constexpr std::string_view k_for_ever = "-1";
constexpr std::string_view k_delete = "delete";
constexpr std::string_view k_compact = "compact";
constexpr std::string_view k_compact_delete = "compact,delete";
constexpr std::string_view k_state_suffix = "-state";

constexpr std::array k_topics = {
    KnownTopic{"beats-events", 3, k_seven_days, k_delete},
    KnownTopic{"metrics-events", 3, k_seven_days, k_delete},
    KnownTopic{"analytics-events", 3, k_seven_days, k_delete},
    KnownTopic{"notifications", 1, k_seven_days, k_delete},
    KnownTopic{"generic_topic", 1, k_seven_days, k_delete},
    KnownTopic{"quiz-events", 3, k_seven_days, k_delete},
    KnownTopic{"conversation.events", 3, k_seven_days, k_compact_delete},
    KnownTopic{"ai.responses", 6, k_three_days, k_delete},
    KnownTopic{"business.analytics", 2, k_thirty_days, k_compact_delete},
    KnownTopic{"system.monitoring", 1, k_one_day, k_delete},
    KnownTopic{"analytics-dlq", 1, k_for_ever, k_delete},
    KnownTopic{"dead.letter.queue", 1, k_for_ever, k_delete},
};

const KnownTopic* find_known(std::string_view name) {
  const auto found = std::find_if(k_topics.begin(), k_topics.end(),
                                  [&](const KnownTopic& topic) { return topic.name == name; });
  return found == k_topics.end() ? nullptr : &*found;
}

}  // namespace

std::span<const KnownTopic> known_topics() {
  return k_topics;
}

TopicSpec default_spec(const TopicName& topic) {
  const std::string_view name = topic.get();
  TopicSpec spec{.topic = topic, .partitions = 1, .replication = -1, .config = {}};
  if (const KnownTopic* known = find_known(name)) {
    spec.partitions = known->partitions;
    spec.config = {{"retention.ms", std::string(known->retention_ms)},
                   {"cleanup.policy", std::string(known->cleanup_policy)}};
    return spec;
  }
  if (!name.ends_with(k_state_suffix)) return spec;
  if (const KnownTopic* base = find_known(name.substr(0, name.size() - k_state_suffix.size()))) {
    spec.partitions = base->partitions;
    spec.config = {{"cleanup.policy", std::string(k_compact)}};
  }
  return spec;
}

}  // namespace kbeat::transport
