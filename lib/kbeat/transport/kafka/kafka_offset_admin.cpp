// Offset look-ups and group requests.
#include "kbeat/transport/kafka/kafka_offset_admin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "kbeat/transport/kafka/admin_call.hpp"
#include "kbeat/transport/kafka/kafka_errors.hpp"
#include "kbeat/transport/kafka/kafka_groups.hpp"
#include "kbeat/transport/kafka/kafka_metadata.hpp"
#include "kbeat/transport/kafka/kafka_partitions.hpp"
#include "kbeat/transport/kafka/offset_question.hpp"

namespace kbeat::transport {
namespace {

using ListOffsets = Handle<rd_kafka_ListConsumerGroupOffsets_t, rd_kafka_ListConsumerGroupOffsets_destroy>;
using AlterOffsets = Handle<rd_kafka_AlterConsumerGroupOffsets_t, rd_kafka_AlterConsumerGroupOffsets_destroy>;
using DeleteGroup = Handle<rd_kafka_DeleteGroup_t, rd_kafka_DeleteGroup_destroy>;

using GroupResults = std::span<const rd_kafka_group_result_t*>;

GroupResults listed(rd_kafka_event_t& event) {
  std::size_t count = 0;
  const auto** groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(&event), &count);
  return {groups, count};
}

GroupResults altered(rd_kafka_event_t& event) {
  std::size_t count = 0;
  const auto** groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
      rd_kafka_event_AlterConsumerGroupOffsets_result(&event), &count);
  return {groups, count};
}

GroupResults deleted(rd_kafka_event_t& event) {
  std::size_t count = 0;
  const auto** groups =
      rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(&event), &count);
  return {groups, count};
}

/// The first error of a group or of one of its partitions.
rd_kafka_resp_err_t code_of(GroupResults groups) {
  for (const rd_kafka_group_result_t* group : groups) {
    if (const auto* error = rd_kafka_group_result_error(group)) return rd_kafka_error_code(error);
    for (const auto& element : elements(rd_kafka_group_result_partitions(group))) {
      if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return element.err;
    }
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace

KafkaOffsetAdmin::KafkaOffsetAdmin(const ClientParts& committed, ClientParts uncommitted,
                                   Milliseconds timeout)
    : m_client(RD_KAFKA_CONSUMER, committed),
      m_uncommitted_parts(std::move(uncommitted)),
      m_timeout(timeout) {}

KafkaClient& KafkaOffsetAdmin::uncommitted() {
  if (!m_uncommitted) m_uncommitted = std::make_unique<KafkaClient>(RD_KAFKA_CONSUMER, m_uncommitted_parts);
  return *m_uncommitted;
}

std::vector<Offset> KafkaOffsetAdmin::offsets(std::span<const TopicPartition> partitions, LogEnd end) {
  switch (end) {
    case LogEnd::earliest: return look_up(m_client, partitions, RD_KAFKA_OFFSET_BEGINNING);
    case LogEnd::last_stable: return look_up(m_client, partitions, RD_KAFKA_OFFSET_END);
    case LogEnd::latest: return look_up(uncommitted(), partitions, RD_KAFKA_OFFSET_END);
  }
  return {};
}

std::vector<Offset> KafkaOffsetAdmin::offsets_at(std::span<const TopicPartition> partitions, WallTime time) {
  // Negative stamps are requests for the log's ends.
  const std::int64_t stamp = std::max<std::int64_t>(0, time.time_since_epoch().count());
  std::vector<Offset> found = look_up(uncommitted(), partitions, stamp);
  std::vector<TopicPartition> past_the_last;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].get() < 0) past_the_last.push_back(partitions[i]);
  }
  const std::vector<Offset> ends = offsets(past_the_last, LogEnd::latest);
  auto end = ends.begin();
  for (Offset& offset : found) {
    if (offset.get() < 0) offset = *end++;
  }
  return found;
}

std::vector<Offset> KafkaOffsetAdmin::look_up(KafkaClient& client, std::span<const TopicPartition> partitions,
                                              std::int64_t wanted) {
  if (partitions.empty()) return {};
  OffsetAnswers asked;
  const auto attempt = [&](Milliseconds slice) {
    asked = ask_offsets(client, partitions, wanted, slice);
    return asked.code;
  };
  const std::string doing = fmt::format("looking up offsets of {}", partitions.front().topic.get());
  run_sliced(client, {doing, m_timeout}, attempt);
  std::vector<Offset> offsets;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const auto& [error, offset] = asked.answers[i];
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
      throw client.error(error, fmt::format("looking up an offset of {}", to_string(partitions[i])));
    offsets.push_back(offset);
  }
  return offsets;
}

std::vector<CommittedPosition> KafkaOffsetAdmin::committed(const GroupId& group,
                                                           std::span<const TopicPartition> partitions) {
  if (partitions.empty()) return {};
  const std::string doing = fmt::format("reading the positions of group {}", group.get());
  const PartitionListHandle list = to_list(partitions);
  const ListOffsets wanted(rd_kafka_ListConsumerGroupOffsets_new(group.get().c_str(), list.get()));
  const EventHandle event = run_group_admin(
      m_client, {RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, doing, m_timeout},
      [&](const auto* options, auto* queue) {
        std::array groups{wanted.get()};
        rd_kafka_ListConsumerGroupOffsets(m_client.get(), groups.data(), groups.size(), options, queue);
      },
      [](rd_kafka_event_t& result) { return code_of(listed(result)); });
  if (const auto code = code_of(listed(*event)); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw to_error(code, doing);
  std::vector<CommittedPosition> positions;
  for (const rd_kafka_group_result_t* result : listed(*event)) {
    for (const auto& element : elements(rd_kafka_group_result_partitions(result))) {
      if (element.offset < 0) continue;
      positions.push_back({to_partition(element), Offset{element.offset}, metadata_of(element)});
    }
  }
  return positions;
}

void KafkaOffsetAdmin::set_committed(const GroupId& group, std::span<const CommittedPosition> positions) {
  if (positions.empty()) return;
  const std::string doing = fmt::format("setting the positions of group {}", group.get());
  const PartitionListHandle list = to_list(positions);
  const AlterOffsets wanted(rd_kafka_AlterConsumerGroupOffsets_new(group.get().c_str(), list.get()));
  const EventHandle event = run_group_admin(
      m_client, {RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, doing, m_timeout},
      [&](const auto* options, auto* queue) {
        std::array groups{wanted.get()};
        rd_kafka_AlterConsumerGroupOffsets(m_client.get(), groups.data(), groups.size(), options, queue);
      },
      [](rd_kafka_event_t& result) { return code_of(altered(result)); });
  const auto code = code_of(altered(*event));
  // The broker takes an outsider's commit only while nobody is in.
  if (is_fencing(code)) throw to_error(RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP, doing);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw to_error(code, doing);
}

std::vector<GroupInfo> KafkaOffsetAdmin::groups() {
  const SteadyTime deadline = steady_now() + m_timeout;
  return until_settled(
      deadline, [&] { return fetch_groups(m_client, std::max(Milliseconds{1}, left_until(deadline))); });
}

void KafkaOffsetAdmin::remove_group(const GroupId& group) {
  const std::string doing = fmt::format("deleting group {}", group.get());
  const DeleteGroup wanted(rd_kafka_DeleteGroup_new(group.get().c_str()));
  const EventHandle event = run_group_admin(
      m_client, {RD_KAFKA_ADMIN_OP_DELETEGROUPS, doing, m_timeout},
      [&](const auto* options, auto* queue) {
        std::array groups{wanted.get()};
        rd_kafka_DeleteGroups(m_client.get(), groups.data(), groups.size(), options, queue);
      },
      [](rd_kafka_event_t& result) { return code_of(deleted(result)); });
  if (const auto code = code_of(deleted(*event)); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw to_error(code, doing);
}

}  // namespace kbeat::transport
