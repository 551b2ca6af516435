// What can be asked of and done to topics and groups.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kbeat/transport/consumer.hpp"

namespace kbeat::transport {

struct TopicSpec {
  TopicName topic;
  int partitions = 1;
  int replication = -1;                         ///< -1: the broker's default
  std::map<std::string, std::string> config{};  ///< Kafka's names: retention.ms, cleanup.policy …
};

struct PartitionInfo {
  Partition partition;
  int leader = -1;
  std::vector<int> replicas;
  std::vector<int> in_sync;
};

/// How long a new leader may take to know the end of its log: longer than Kafka takes by default to give up a
/// broker that is silent (9 s). Meanwhile it is asked again and again.
inline constexpr std::chrono::seconds k_longest_election{15};
inline constexpr Milliseconds k_between_end_looks{250};

struct TopicInfo {
  TopicName topic;
  std::vector<PartitionInfo> partitions;

  /// Whether another broker may come to lead the partition.
  [[nodiscard]] bool is_replicated(Partition partition) const;
};

struct ClusterInfo {
  std::string id;
  std::vector<std::string> brokers;  ///< host:port, or the path of an embedded log
  std::vector<TopicInfo> topics;     ///< without internal ones
};

/// A place in a partition that the log knows by itself.
enum class LogEnd { earliest, last_stable, latest };

struct GroupMember {
  std::string id;
  std::string client_id;
  std::string host;
  std::vector<TopicPartition> partitions;
};

struct GroupInfo {
  GroupId group;
  std::string state;  ///< Stable, Empty, PreparingRebalance, CompletingRebalance, Dead
  std::vector<GroupMember> members;
};

/// Every call returns within `timeout` of its maker and throws Error{unreachable, timed_out, not_found …}.
class TopicAdmin {
 public:
  TopicAdmin() = default;
  TopicAdmin(const TopicAdmin&) = delete;
  TopicAdmin& operator=(const TopicAdmin&) = delete;
  virtual ~TopicAdmin() = default;

  /// Returns once a broker answers. Unlike the others it does not wait for one to come up: it throws as soon
  /// as every address has refused.
  virtual void reach() = 0;
  [[nodiscard]] virtual ClusterInfo cluster() = 0;
  /// Throws Error{not_found} when the topic does not exist.
  [[nodiscard]] virtual TopicInfo topic(const TopicName& topic) = 0;
  /// Throws Error{busy} when the topic exists already.
  virtual void create(const TopicSpec& spec) = 0;
  /// Throws what making this topic would throw or, when it is there, giving it this config; changes nothing.
  virtual void rehearse(const TopicSpec& spec) = 0;
  virtual void remove(const TopicName& topic) = 0;
  [[nodiscard]] virtual std::map<std::string, std::string> config(const TopicName& topic) = 0;
  /// Sets the given values and keeps all others.
  virtual void set_config(const TopicName& topic, const std::map<std::string, std::string>& values) = 0;
  /// Raises the number of partitions.
  virtual void add_partitions(const TopicName& topic, int total) = 0;
};

class OffsetAdmin {
 public:
  OffsetAdmin() = default;
  OffsetAdmin(const OffsetAdmin&) = delete;
  OffsetAdmin& operator=(const OffsetAdmin&) = delete;
  virtual ~OffsetAdmin() = default;

  /// In the order asked for.
  [[nodiscard]] virtual std::vector<Offset> offsets(std::span<const TopicPartition> partitions,
                                                    LogEnd end) = 0;
  /// The first offset whose timestamp is at or after `time`; the latest when there is none.
  [[nodiscard]] virtual std::vector<Offset> offsets_at(std::span<const TopicPartition> partitions,
                                                       WallTime time) = 0;
  /// Positions of a group; partitions that it never committed are left out.
  [[nodiscard]] virtual std::vector<CommittedPosition> committed(
      const GroupId& group, std::span<const TopicPartition> partitions) = 0;
  /// Sets a group's positions from outside; throws Error{busy} while the group has members.
  virtual void set_committed(const GroupId& group, std::span<const CommittedPosition> positions) = 0;
  [[nodiscard]] virtual std::vector<GroupInfo> groups() = 0;
  virtual void remove_group(const GroupId& group) = 0;
};

}  // namespace kbeat::transport
