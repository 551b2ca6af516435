// Asks the leaders of partitions for offsets, and never for longer than it may take.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kbeat/transport/kafka/kafka_client.hpp"

namespace kbeat::transport {

/// `code` is of the request as a whole. Each answer has the partition's own error, or its offset.
struct OffsetAnswers {
  struct Answer {
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    Offset offset{-1};
  };
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::vector<Answer> answers;  ///< one to one with the partitions
};

/// `wanted` is a time in ms, RD_KAFKA_OFFSET_BEGINNING or RD_KAFKA_OFFSET_END. Of librdkafka's two ways to
/// ask, rd_kafka_query_watermark_offsets (2.0.2 at least) never returns when a leader dies before it answers,
/// so this is the other.
[[nodiscard]] OffsetAnswers ask_offsets(KafkaClient& client, std::span<const TopicPartition> partitions,
                                        std::int64_t wanted, Milliseconds timeout);

/// The same of one partition. Throws what went wrong.
[[nodiscard]] Offset ask_offset(KafkaClient& client, const TopicPartition& partition, std::int64_t wanted,
                                Milliseconds timeout);

}  // namespace kbeat::transport
