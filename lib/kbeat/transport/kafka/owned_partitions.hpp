// What a Kafka consumer reads at the moment: its partitions, their next offsets, and which are paused.
#pragma once

#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "kbeat/transport/consumer.hpp"
#include "kbeat/transport/kafka/handles.hpp"

namespace kbeat::transport {

/// librdkafka cannot tell what it paused, keeps the mark over a rebalance, and may deliver again what it had
/// delivered before a pause (before 2.4.0): so the consumer keeps its own account.
class OwnedPartitions {
 public:
  void place(std::span<const Position> positions);
  void remove(std::span<const TopicPartition> partitions);
  void clear();

  /// False for a message of a partition not owned or below its next offset; otherwise moves next past it.
  [[nodiscard]] bool accept(const rd_kafka_message_t& message);
  /// The topic of the message last accepted, as long as that message lives.
  [[nodiscard]] std::string_view topic_of_last() const { return m_last_topic; }

  /// Moves next to an end that was reached; false when the partition is not owned or is past it.
  [[nodiscard]] bool reach(const Position& end);
  [[nodiscard]] bool owns(const TopicPartition& partition) const { return m_entries.contains(partition); }
  [[nodiscard]] Offset next(const TopicPartition& partition) const;
  [[nodiscard]] std::vector<Position> positions() const;
  /// Of those that are not paused.
  [[nodiscard]] std::vector<Position> running() const;

  /// Marks those that are owned and not yet in that flow, and returns them.
  [[nodiscard]] std::vector<TopicPartition> change_flow(std::span<const TopicPartition> partitions,
                                                        Flow flow);

 private:
  struct Entry {
    Offset next;
    Flow flow = Flow::running;
  };
  std::map<TopicPartition, Entry> m_entries;
  // Messages of one partition come in runs, so the last entry is nearly always the right one.
  const rd_kafka_topic_t* m_last_handle = nullptr;
  std::int32_t m_last_partition = -1;
  std::string_view m_last_topic;
  Entry* m_last_entry = nullptr;
};

}  // namespace kbeat::transport
