// Topics, offsets and groups of a ledger, as the admins of a transport show them.
#pragma once

#include <memory>

#include "kbeat/transport/local/ledger.hpp"

namespace kbeat::transport::local {

class LocalTopicAdmin final : public TopicAdmin {
 public:
  /// `address` stands for the broker in what `cluster` returns.
  LocalTopicAdmin(std::unique_ptr<Ledger> ledger, std::string address);

  void reach() override;
  [[nodiscard]] ClusterInfo cluster() override;
  [[nodiscard]] TopicInfo topic(const TopicName& topic) override;
  void create(const TopicSpec& spec) override;
  void rehearse(const TopicSpec& spec) override { check_spec(spec); }
  void remove(const TopicName& topic) override;
  [[nodiscard]] std::map<std::string, std::string> config(const TopicName& topic) override;
  void set_config(const TopicName& topic, const std::map<std::string, std::string>& values) override;
  void add_partitions(const TopicName& topic, int total) override;

 private:
  [[nodiscard]] TopicState existing(const TopicName& topic);

  std::unique_ptr<Ledger> m_ledger;
  std::string m_address;
};

class LocalOffsetAdmin final : public OffsetAdmin {
 public:
  explicit LocalOffsetAdmin(std::unique_ptr<Ledger> ledger) : m_ledger(std::move(ledger)) {}

  [[nodiscard]] std::vector<Offset> offsets(std::span<const TopicPartition> partitions, LogEnd end) override;
  [[nodiscard]] std::vector<Offset> offsets_at(std::span<const TopicPartition> partitions,
                                               WallTime time) override;
  [[nodiscard]] std::vector<CommittedPosition> committed(const GroupId& group,
                                                         std::span<const TopicPartition> partitions) override;
  void set_committed(const GroupId& group, std::span<const CommittedPosition> positions) override;
  [[nodiscard]] std::vector<GroupInfo> groups() override;
  void remove_group(const GroupId& group) override;

 private:
  [[nodiscard]] PartitionKey key_of(const TopicPartition& partition);
  [[nodiscard]] Fetched ends_of(const TopicPartition& partition);

  std::unique_ptr<Ledger> m_ledger;
};

}  // namespace kbeat::transport::local
