// Lists of partitions between our types and librdkafka's.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "kbeat/transport/consumer.hpp"
#include "kbeat/transport/kafka/handles.hpp"

namespace kbeat::transport {

[[nodiscard]] PartitionListHandle to_list(std::span<const TopicPartition> partitions);
/// With the offsets to read from.
[[nodiscard]] PartitionListHandle to_list(std::span<const Position> positions);
/// With the offsets and marks to commit.
[[nodiscard]] PartitionListHandle to_list(std::span<const CommittedPosition> positions);

[[nodiscard]] TopicPartition to_partition(const rd_kafka_topic_partition_t& partition);
[[nodiscard]] std::vector<TopicPartition> to_partitions(const rd_kafka_topic_partition_list_t* list);

/// The elements of a list, empty for null.
[[nodiscard]] std::span<rd_kafka_topic_partition_t> elements(const rd_kafka_topic_partition_list_t* list);

[[nodiscard]] std::string metadata_of(const rd_kafka_topic_partition_t& partition);

}  // namespace kbeat::transport
