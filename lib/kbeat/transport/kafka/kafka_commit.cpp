// One commit request on a queue of its own, so that its answer cannot be mistaken for another's.
#include "kbeat/transport/kafka/kafka_commit.hpp"

#include <fmt/format.h>

#include "kbeat/transport/kafka/kafka_errors.hpp"
#include "kbeat/transport/kafka/kafka_partitions.hpp"

namespace kbeat::transport {
namespace {

Error refusal(const KafkaClient& client, rd_kafka_resp_err_t code, const std::string& what) {
  // The member has no such partition (any more), says the library before it asks the broker.
  if (code == RD_KAFKA_RESP_ERR__STATE || code == RD_KAFKA_RESP_ERR__NO_OFFSET) {
    return {ErrorCode::fenced, fmt::format("{} failed: the partition is not this member's any more", what)};
  }
  return client.error(code, what);
}

}  // namespace

void commit_positions(KafkaClient& client, std::span<const CommittedPosition> positions,
                      Milliseconds timeout) {
  const PartitionListHandle list = to_list(positions);
  const QueueHandle queue(rd_kafka_queue_new(client.get()));
  const std::string what =
      fmt::format("committing the position of {}", to_string(positions.front().partition));
  const auto sent = rd_kafka_commit_queue(client.get(), list.get(), queue.get(), nullptr, nullptr);
  if (sent != RD_KAFKA_RESP_ERR_NO_ERROR) throw refusal(client, sent, what);
  const EventHandle answer(rd_kafka_queue_poll(queue.get(), to_int(timeout)));
  if (!answer) throw client.error(RD_KAFKA_RESP_ERR__TIMED_OUT, what);
  for (const auto& element : elements(rd_kafka_event_topic_partition_list(answer.get()))) {
    if (element.err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    throw refusal(client, element.err,
                  fmt::format("committing the position of {}", to_string(to_partition(element))));
  }
  const auto code = rd_kafka_event_error(answer.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw refusal(client, code, what);
}

}  // namespace kbeat::transport
