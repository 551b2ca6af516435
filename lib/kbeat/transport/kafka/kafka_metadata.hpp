// Topics and brokers as a cluster's metadata tells them.
#pragma once

#include <optional>

#include "kbeat/transport/admin.hpp"
#include "kbeat/transport/kafka/kafka_client.hpp"

namespace kbeat::transport {

/// Returns once a broker answers; throws when each is down, or after `timeout`.
void reach_brokers(KafkaClient& client, Milliseconds timeout);

/// All topics but Kafka's own, by name.
[[nodiscard]] ClusterInfo fetch_cluster(KafkaClient& client, Milliseconds timeout);

/// Nothing when the topic does not exist.
[[nodiscard]] std::optional<TopicInfo> fetch_topic(KafkaClient& client, const TopicName& topic,
                                                   Milliseconds timeout);

}  // namespace kbeat::transport
