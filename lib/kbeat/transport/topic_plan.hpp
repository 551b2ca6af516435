// What has to be done so that topics are as they are to be.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kbeat/transport/admin.hpp"

namespace kbeat::transport {

/// A topic as it is to be; what is not named stays as it is, or is the default of a new topic.
struct WantedTopic {
  TopicName topic;
  std::optional<int> partitions{};
  int replication = -1;
  std::map<std::string, std::string> config{};
};

enum class TopicAction { none, create, add_partitions, set_config };

/// One step; `what` is the setting, `partitions`, or empty. Texts are for people.
struct TopicStep {
  TopicName topic;
  TopicAction action = TopicAction::none;
  std::string what;
  std::string from;
  std::string to;
};

[[nodiscard]] std::string_view to_string(TopicAction action);

/// Compares with what is there; a topic that needs nothing has one step `none`. Throws Error{usage} when a
/// topic has more partitions than it is to have (Kafka takes none away), and what the transport says of
/// settings that it would not take.
[[nodiscard]] std::vector<TopicStep> plan_topics(TopicAdmin& admin, std::span<const WantedTopic> wanted);

/// Does the steps of a plan made for `wanted` and tells each when it is done. A topic that somebody made in
/// between is no error.
void carry_out(TopicAdmin& admin, std::span<const WantedTopic> wanted, std::span<const TopicStep> steps,
               const std::function<void(const TopicStep&)>& on_done);

}  // namespace kbeat::transport
