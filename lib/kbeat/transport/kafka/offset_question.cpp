// Offset look-ups by rd_kafka_offsets_for_times.
#include "kbeat/transport/kafka/offset_question.hpp"

#include <fmt/format.h>

#include "kbeat/transport/kafka/kafka_errors.hpp"
#include "kbeat/transport/kafka/kafka_partitions.hpp"

namespace kbeat::transport {

OffsetAnswers ask_offsets(KafkaClient& client, std::span<const TopicPartition> partitions,
                          std::int64_t wanted, Milliseconds timeout) {
  const PartitionListHandle list = to_list(partitions);
  for (auto& element : elements(list.get())) element.offset = wanted;
  OffsetAnswers result;
  result.code = rd_kafka_offsets_for_times(client.get(), list.get(), to_int(timeout));
  for (const auto& element : elements(list.get()))
    result.answers.push_back({element.err, Offset{element.offset}});
  return result;
}

Offset ask_offset(KafkaClient& client, const TopicPartition& partition, std::int64_t wanted,
                  Milliseconds timeout) {
  const OffsetAnswers asked = ask_offsets(client, {&partition, 1}, wanted, timeout);
  const auto code = asked.code != RD_KAFKA_RESP_ERR_NO_ERROR ? asked.code : asked.answers.front().error;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return asked.answers.front().offset;
  throw client.error(code, fmt::format("looking up the ends of {}", to_string(partition)));
}

}  // namespace kbeat::transport
