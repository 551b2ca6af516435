// Ends of partitions, positions of groups, and groups themselves.
#pragma once

#include <memory>

#include "kbeat/transport/admin.hpp"
#include "kbeat/transport/kafka/kafka_client.hpp"

namespace kbeat::transport {

class KafkaOffsetAdmin final : public OffsetAdmin {
 public:
  /// The two lists differ in their isolation: only it tells the last stable offset from the latest.
  KafkaOffsetAdmin(const ClientParts& committed, ClientParts uncommitted, Milliseconds timeout);

  [[nodiscard]] std::vector<Offset> offsets(std::span<const TopicPartition> partitions, LogEnd end) override;
  [[nodiscard]] std::vector<Offset> offsets_at(std::span<const TopicPartition> partitions,
                                               WallTime time) override;
  [[nodiscard]] std::vector<CommittedPosition> committed(const GroupId& group,
                                                         std::span<const TopicPartition> partitions) override;
  void set_committed(const GroupId& group, std::span<const CommittedPosition> positions) override;
  [[nodiscard]] std::vector<GroupInfo> groups() override;
  void remove_group(const GroupId& group) override;

 private:
  /// `wanted` is a time in ms, or librdkafka's END or BEGINNING.
  [[nodiscard]] std::vector<Offset> look_up(KafkaClient& client, std::span<const TopicPartition> partitions,
                                            std::int64_t wanted);
  [[nodiscard]] KafkaClient& uncommitted();

  KafkaClient m_client;
  std::unique_ptr<KafkaClient> m_uncommitted;  ///< made when first asked for
  ClientParts m_uncommitted_parts;
  Milliseconds m_timeout;
};

}  // namespace kbeat::transport
