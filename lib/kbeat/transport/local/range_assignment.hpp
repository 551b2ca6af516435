// Deals the partitions of subscribed topics to the members of a group, topic by topic, in ranges.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/transport/consumer.hpp"
#include "kbeat/transport/local/group_state.hpp"

namespace kbeat::transport::local {

/// What a member of a group asks for: topics and patterns, then with ! in front what no pattern stands for.
[[nodiscard]] std::vector<std::string> subscription_of(const ConsumerOptions& options);

/// Whether one of `subscription` is the topic's name, or a pattern (^ in front) found in it that does not
/// pass the topic over.
[[nodiscard]] bool subscribes(std::span<const std::string> subscription, const TopicName& topic);

/// Throws Error{usage} for a pattern that RE2 does not take or a name that no topic can have.
void check_subscription(std::span<const std::string> subscription);

/// Sets every member's partitions as Kafka's range assignor does: members in the order of their ids,
/// the first ones get one more when it does not come out even.
void deal_by_range(std::span<Member> members, std::span<const TopicState> topics);

}  // namespace kbeat::transport::local
