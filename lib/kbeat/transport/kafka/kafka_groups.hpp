// The groups of a cluster with their members.
#pragma once

#include <vector>

#include "kbeat/transport/admin.hpp"
#include "kbeat/transport/kafka/kafka_client.hpp"

namespace kbeat::transport {

/// By name. A group that ends while they are described is left out.
[[nodiscard]] std::vector<GroupInfo> fetch_groups(KafkaClient& client, Milliseconds timeout);

}  // namespace kbeat::transport
