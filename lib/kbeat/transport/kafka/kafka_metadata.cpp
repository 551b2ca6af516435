// Metadata requests.
#include "kbeat/transport/kafka/kafka_metadata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "kbeat/transport/kafka/admin_call.hpp"
#include "kbeat/transport/kafka/kafka_errors.hpp"

namespace kbeat::transport {
namespace {

bool is_internal(std::string_view topic) {
  constexpr std::array<std::string_view, 4> k_internal{"__consumer_offsets", "__transaction_state",
                                                       "__share_group_state", "__cluster_metadata"};
  return std::find(k_internal.begin(), k_internal.end(), topic) != k_internal.end();
}

std::vector<int> ids(const std::int32_t* first, int count) {
  return {first, first + count};
}

TopicInfo topic_of(const rd_kafka_metadata_topic& topic) {
  TopicInfo info{TopicName{topic.topic}, {}};
  for (const auto& partition : std::span(topic.partitions, static_cast<std::size_t>(topic.partition_cnt))) {
    info.partitions.push_back({.partition = Partition{partition.id},
                               .leader = partition.leader,
                               .replicas = ids(partition.replicas, partition.replica_cnt),
                               .in_sync = ids(partition.isrs, partition.isr_cnt)});
  }
  std::sort(info.partitions.begin(), info.partitions.end(),
            [](const PartitionInfo& a, const PartitionInfo& b) { return a.partition < b.partition; });
  return info;
}

/// What to ask about: one topic, all of them, or only the brokers.
struct Question {
  rd_kafka_topic_t* topic = nullptr;
  bool all_topics = false;
};

MetadataHandle fetch(KafkaClient& client, Question question, const SlicedCall& call) {
  const struct rd_kafka_metadata* metadata = nullptr;
  run_sliced(client, call, [&](Milliseconds slice) {
    return rd_kafka_metadata(client.get(), question.all_topics ? 1 : 0, question.topic, &metadata,
                             to_int(slice));
  });
  return MetadataHandle(metadata);
}

}  // namespace

void reach_brokers(KafkaClient& client, Milliseconds timeout) {
  static_cast<void>(fetch(client, {}, {"", timeout, WhenDown::give_up}));
}

ClusterInfo fetch_cluster(KafkaClient& client, Milliseconds timeout) {
  const MetadataHandle metadata = fetch(client, {.all_topics = true}, {"listing topics", timeout});
  ClusterInfo info;
  const Handle<char, std::free> id(rd_kafka_clusterid(client.get(), to_int(timeout)));
  if (id) info.id = id.get();
  for (const auto& broker : std::span(metadata->brokers, static_cast<std::size_t>(metadata->broker_cnt))) {
    info.brokers.push_back(fmt::format("{}:{}", broker.host, broker.port));
  }
  for (const auto& topic : std::span(metadata->topics, static_cast<std::size_t>(metadata->topic_cnt))) {
    if (!is_internal(topic.topic)) info.topics.push_back(topic_of(topic));
  }
  std::sort(info.topics.begin(), info.topics.end(),
            [](const TopicInfo& a, const TopicInfo& b) { return a.topic < b.topic; });
  return info;
}

std::optional<TopicInfo> fetch_topic(KafkaClient& client, const TopicName& topic, Milliseconds timeout) {
  check_topic_name(topic.get());
  const std::string doing = fmt::format("looking up topic {}", topic.get());
  const TopicHandle handle(rd_kafka_topic_new(client.get(), topic.get().c_str(), nullptr));
  if (!handle) throw to_error(rd_kafka_last_error(), doing);
  const MetadataHandle metadata = fetch(client, {.topic = handle.get()}, {doing, timeout});
  if (metadata->topic_cnt == 0) return std::nullopt;
  const auto& found = metadata->topics[0];
  if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return std::nullopt;
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) throw to_error(found.err, doing);
  return topic_of(found);
}

}  // namespace kbeat::transport
