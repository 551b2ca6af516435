// Looks again until the log is as long as it should be, or an election must be over.
#include "kbeat/pipeline/log_end.hpp"

namespace kbeat::pipeline {

Offset end_after_election(transport::Transport& transport, const Position& wanted, Offset latest,
                          Milliseconds timeout, Clock& clock) {
  if (latest >= wanted.next) return latest;
  const TopicPartition& partition = wanted.partition;
  const auto topics = transport.make_topic_admin(timeout);
  if (!topics->topic(partition.topic).is_replicated(partition.partition)) return latest;
  const auto offsets = transport.make_offset_admin(timeout);
  const SteadyTime until = clock.steady() + transport::k_longest_election;
  while (latest < wanted.next && clock.steady() < until) {
    clock.wait(transport::k_between_end_looks, {});
    latest = offsets->offsets({&partition, 1}, transport::LogEnd::latest).front();
  }
  return latest;
}

}  // namespace kbeat::pipeline
