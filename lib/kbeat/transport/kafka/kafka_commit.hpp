// Commits positions of a group member and waits for the coordinator's word.
#pragma once

#include <span>

#include "kbeat/transport/consumer.hpp"
#include "kbeat/transport/kafka/kafka_client.hpp"

namespace kbeat::transport {

/// Throws Error{fenced} when a partition is another member's by now, Error{timed_out or unreachable},
/// retryable, when no answer came in time (the commit may still happen).
void commit_positions(KafkaClient& client, std::span<const CommittedPosition> positions,
                      Milliseconds timeout);

}  // namespace kbeat::transport
