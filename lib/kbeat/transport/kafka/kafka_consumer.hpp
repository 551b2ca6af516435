// The consumer on librdkafka: one queue of events, answered without a callback.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "kbeat/transport/kafka/kafka_batch.hpp"
#include "kbeat/transport/kafka/kafka_client.hpp"
#include "kbeat/transport/kafka/owned_partitions.hpp"
#include "kbeat/transport/kafka/refused_offsets.hpp"
#include "kbeat/transport/kafka/silence_watch.hpp"

namespace kbeat::transport {

/// Batches may outlive it: they keep the library's client, which has left the group by then.
class KafkaConsumer final : public Consumer {
 public:
  /// Subscribes at once when there is a group; throws Error{usage} for a wrong topic or pattern.
  KafkaConsumer(const ClientParts& parts, const ConsumerOptions& options);
  ~KafkaConsumer() override;

  [[nodiscard]] ConsumerEvent poll(Milliseconds timeout) override;
  void start(std::span<const Position> positions) override;
  void release(std::span<const TopicPartition> partitions) override;
  void set_flow(std::span<const TopicPartition> partitions, Flow flow) override;
  void commit(std::span<const CommittedPosition> positions, Milliseconds timeout) override;

 private:
  enum class Answer { none, assign, revoke };

  void subscribe(const std::vector<std::string>& topics);
  [[nodiscard]] EventHandle next_event(SteadyTime deadline);
  [[nodiscard]] std::optional<ConsumerEvent> take(EventHandle event);
  [[nodiscard]] std::optional<ConsumerEvent> gather(EventHandle first);
  [[nodiscard]] std::optional<ConsumerEvent> on_rebalance(rd_kafka_event_t& event);
  [[nodiscard]] std::optional<ConsumerEvent> on_error(rd_kafka_event_t& event);
  [[nodiscard]] std::optional<ConsumerEvent> on_partition_error(const rd_kafka_topic_partition_t& partition,
                                                                rd_kafka_event_t& event);
  [[nodiscard]] std::optional<ConsumerEvent> look_into_refused();
  [[nodiscard]] bool may_be_electing(const TopicPartition& partition);
  [[nodiscard]] bool cooperative() const;
  void meet_broker();
  void wake_silent();
  void assign(std::span<const Position> positions);
  void unassign(std::span<const TopicPartition> partitions);
  void seek(std::span<const Position> positions);
  void close();

  std::shared_ptr<KafkaClient> m_client;
  OwnedPartitions m_owned;
  SilenceWatch m_silence;
  bool m_in_group;
  bool m_met_broker = false;
  std::set<std::string> m_topics, m_patterns;  ///< subscribed
  Answer m_awaited = Answer::none;
  std::size_t m_last_batch = 0;
  std::optional<TopicPartition> m_well_fed;  ///< where a full batch came from, until records fail to come
  EventHandle m_held;                        ///< the event that ended a batch
  RefusedOffsets m_refused;
};

}  // namespace kbeat::transport
