// Administration of topics, offsets and groups on a ledger.
#include "kbeat/transport/local/local_admin.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kbeat/base/error.hpp"

namespace kbeat::transport::local {
namespace {

constexpr int k_only_broker = 0;

[[noreturn]] void no_such_topic(const TopicName& topic) {
  throw Error(ErrorCode::not_found,
              fmt::format("there is no topic {} in the embedded log: `kbeat topics create {}` makes it",
                          topic.get(), topic.get()));
}

TopicInfo info_of(const TopicState& state) {
  TopicInfo info{.topic = state.topic, .partitions = {}};
  for (std::size_t i = 0; i < state.partitions.size(); ++i) {
    info.partitions.push_back({.partition = Partition{static_cast<std::int32_t>(i)},
                               .leader = k_only_broker,
                               .replicas = {k_only_broker},
                               .in_sync = {k_only_broker}});
  }
  return info;
}

GroupInfo info_of(const GroupId& name, const GroupState& group) {
  GroupInfo info{.group = name, .state = "Empty", .members = {}};
  if (!group.members.empty())
    info.state = group.phase == GroupPhase::stable ? "Stable" : "PreparingRebalance";
  for (const Member& member : group.members) {
    info.members.push_back({.id = member.id,
                            .client_id = member.client_id,
                            .host = member.host,
                            .partitions = member.partitions});
  }
  return info;
}

/// The group without the members that are no more.
void settle_living(Ledger& ledger, GroupState& group, const std::vector<TopicState>& topics) {
  const LeaseTime now = lease_now();
  drop_absent(group, ledger.presence(), now);
  settle(group, topics, now);
}

}  // namespace

LocalTopicAdmin::LocalTopicAdmin(std::unique_ptr<Ledger> ledger, std::string address)
    : m_ledger(std::move(ledger)), m_address(std::move(address)) {}

TopicState LocalTopicAdmin::existing(const TopicName& topic) {
  if (auto found = m_ledger->topics().find(topic)) return *found;
  no_such_topic(topic);
}

void LocalTopicAdmin::reach() {}

ClusterInfo LocalTopicAdmin::cluster() {
  ClusterInfo info{.id = m_ledger->topics().cluster_id(), .brokers = {m_address}, .topics = {}};
  for (const TopicState& state : m_ledger->topics().all()) info.topics.push_back(info_of(state));
  return info;
}

TopicInfo LocalTopicAdmin::topic(const TopicName& topic) {
  return info_of(existing(topic));
}

void LocalTopicAdmin::create(const TopicSpec& spec) {
  check_spec(spec);
  m_ledger->topics().create(spec);
}

void LocalTopicAdmin::remove(const TopicName& topic) {
  static_cast<void>(existing(topic));
  m_ledger->topics().remove(topic);
}

std::map<std::string, std::string> LocalTopicAdmin::config(const TopicName& topic) {
  return full_config(existing(topic).config);
}

void LocalTopicAdmin::set_config(const TopicName& topic, const std::map<std::string, std::string>& values) {
  check_config(values);
  TopicState state = existing(topic);
  for (const auto& [name, value] : values) state.config[name] = value;
  m_ledger->topics().alter(state);
}

void LocalTopicAdmin::add_partitions(const TopicName& topic, int total) {
  TopicState state = existing(topic);
  check_spec({.topic = topic, .partitions = total, .replication = -1, .config = {}});
  if (static_cast<std::size_t>(total) <= state.partitions.size()) {
    throw Error(ErrorCode::bad_input,
                fmt::format("topic {} has {} partitions already: their number can only rise", topic.get(),
                            state.partitions.size()));
  }
  state.partitions.resize(static_cast<std::size_t>(total));
  m_ledger->topics().alter(state);
}

PartitionKey LocalOffsetAdmin::key_of(const TopicPartition& partition) {
  const auto topic = m_ledger->topics().find(partition.topic);
  if (!topic) no_such_topic(partition.topic);
  const auto index = static_cast<std::size_t>(partition.partition.get());
  if (partition.partition.get() < 0 || index >= topic->partitions.size()) {
    throw Error(ErrorCode::not_found, fmt::format("there is no {}: the topic has {} partitions",
                                                  to_string(partition), topic->partitions.size()));
  }
  return topic->partitions[index];
}

Fetched LocalOffsetAdmin::ends_of(const TopicPartition& partition) {
  constexpr Offset k_nowhere{-1};
  if (auto fetched = m_ledger->records().fetch(key_of(partition), k_nowhere, 0)) return *fetched;
  no_such_topic(partition.topic);
}

std::vector<Offset> LocalOffsetAdmin::offsets(std::span<const TopicPartition> partitions, LogEnd end) {
  std::vector<Offset> offsets;
  for (const TopicPartition& partition : partitions) {
    const Fetched ends = ends_of(partition);
    offsets.push_back(end == LogEnd::earliest ? ends.start : ends.next);
  }
  return offsets;
}

std::vector<Offset> LocalOffsetAdmin::offsets_at(std::span<const TopicPartition> partitions, WallTime time) {
  std::vector<Offset> offsets;
  for (const TopicPartition& partition : partitions) {
    const Fetched ends = ends_of(partition);
    Offset found = ends.next;
    if (const auto batch = m_ledger->records().find_time(key_of(partition), time)) {
      const RecordBatch records = decode({&*batch, 1}, partition, ends.start);
      const auto record = std::find_if(records.records().begin(), records.records().end(),
                                       [&](const RecordView& view) { return view.timestamp >= time; });
      if (record != records.records().end()) found = record->offset;
    }
    offsets.push_back(found);
  }
  return offsets;
}

std::vector<CommittedPosition> LocalOffsetAdmin::committed(const GroupId& group,
                                                           std::span<const TopicPartition> partitions) {
  const std::vector<CommittedPosition> all = m_ledger->groups().positions(group);
  std::vector<CommittedPosition> wanted;
  for (const TopicPartition& partition : partitions) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const CommittedPosition& position) {
      return position.partition == partition;
    });
    if (found != all.end()) wanted.push_back(*found);
  }
  return wanted;
}

void LocalOffsetAdmin::set_committed(const GroupId& group, std::span<const CommittedPosition> positions) {
  const std::vector<TopicState> topics = m_ledger->topics().all();
  for (const CommittedPosition& position : positions) static_cast<void>(key_of(position.partition));
  m_ledger->groups().commit({group, {positions.begin(), positions.end()}}, [&](GroupState& state) {
    settle_living(*m_ledger, state, topics);
    if (state.members.empty()) return;
    throw Error(ErrorCode::busy,
                fmt::format("group {} has {} active members: stop them, then set its positions", group.get(),
                            state.members.size()));
  });
}

std::vector<GroupInfo> LocalOffsetAdmin::groups() {
  std::vector<GroupInfo> infos;
  for (const GroupId& group : m_ledger->groups().all()) {
    GroupState state = m_ledger->groups().read(group);
    drop_absent(state, m_ledger->presence(), lease_now());
    drop_dead(state, lease_now());
    infos.push_back(info_of(group, state));
  }
  return infos;
}

void LocalOffsetAdmin::remove_group(const GroupId& group) {
  const std::vector<TopicState> topics = m_ledger->topics().all();
  m_ledger->groups().update(group, [&](GroupState& state) { settle_living(*m_ledger, state, topics); });
  m_ledger->groups().remove(group);
}

}  // namespace kbeat::transport::local
