// Conversions of partition lists.
#include "kbeat/transport/kafka/kafka_partitions.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace kbeat::transport {
namespace {

PartitionListHandle new_list(std::size_t size) {
  return PartitionListHandle(rd_kafka_topic_partition_list_new(static_cast<int>(size)));
}

rd_kafka_topic_partition_t& add(rd_kafka_topic_partition_list_t& list, const TopicPartition& partition) {
  return *rd_kafka_topic_partition_list_add(&list, partition.topic.get().c_str(), partition.partition.get());
}

/// The list frees metadata with free().
void set_metadata(rd_kafka_topic_partition_t& element, const std::string& metadata) {
  if (metadata.empty()) return;
  element.metadata = std::malloc(metadata.size());
  if (element.metadata == nullptr) throw std::bad_alloc();
  std::copy(metadata.begin(), metadata.end(), static_cast<char*>(element.metadata));
  element.metadata_size = metadata.size();
}

}  // namespace

PartitionListHandle to_list(std::span<const TopicPartition> partitions) {
  PartitionListHandle list = new_list(partitions.size());
  for (const TopicPartition& partition : partitions) add(*list, partition);
  return list;
}

PartitionListHandle to_list(std::span<const Position> positions) {
  PartitionListHandle list = new_list(positions.size());
  for (const Position& position : positions) add(*list, position.partition).offset = position.next.get();
  return list;
}

PartitionListHandle to_list(std::span<const CommittedPosition> positions) {
  PartitionListHandle list = new_list(positions.size());
  for (const CommittedPosition& position : positions) {
    rd_kafka_topic_partition_t& element = add(*list, position.partition);
    element.offset = position.next.get();
    set_metadata(element, position.metadata);
  }
  return list;
}

TopicPartition to_partition(const rd_kafka_topic_partition_t& partition) {
  return {TopicName{partition.topic}, Partition{partition.partition}};
}

std::vector<TopicPartition> to_partitions(const rd_kafka_topic_partition_list_t* list) {
  std::vector<TopicPartition> partitions;
  for (const rd_kafka_topic_partition_t& element : elements(list))
    partitions.push_back(to_partition(element));
  return partitions;
}

std::span<rd_kafka_topic_partition_t> elements(const rd_kafka_topic_partition_list_t* list) {
  if (list == nullptr) return {};
  return {list->elems, static_cast<std::size_t>(list->cnt)};
}

std::string metadata_of(const rd_kafka_topic_partition_t& partition) {
  if (partition.metadata == nullptr) return {};
  return {static_cast<const char*>(partition.metadata), partition.metadata_size};
}

}  // namespace kbeat::transport
