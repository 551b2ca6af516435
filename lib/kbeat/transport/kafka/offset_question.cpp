// Offset look-ups by rd_kafka_offsets_for_times.
#include "kbeat/transport/kafka/offset_question.hpp"

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

}  // namespace kbeat::transport
