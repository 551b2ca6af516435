// Lists groups, then describes them.
#include "kbeat/transport/kafka/kafka_groups.hpp"

#include <algorithm>
#include <span>
#include <string>

#include "kbeat/transport/kafka/admin_call.hpp"
#include "kbeat/transport/kafka/kafka_errors.hpp"
#include "kbeat/transport/kafka/kafka_partitions.hpp"

namespace kbeat::transport {
namespace {

std::vector<std::string> list_groups(KafkaClient& client, Milliseconds timeout) {
  constexpr std::string_view k_doing = "listing groups";
  const EventHandle event = run_admin(
      client, {RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, k_doing, timeout},
      [&](const auto* options, auto* queue) { rd_kafka_ListConsumerGroups(client.get(), options, queue); });
  const auto* result = rd_kafka_event_ListConsumerGroups_result(event.get());
  std::size_t count = 0;
  const auto** errors = rd_kafka_ListConsumerGroups_result_errors(result, &count);
  if (count > 0) throw client.error(*errors[0], k_doing);
  const auto** listed = rd_kafka_ListConsumerGroups_result_valid(result, &count);
  std::vector<std::string> names;
  for (const auto* group : std::span(listed, count)) {
    names.emplace_back(rd_kafka_ConsumerGroupListing_group_id(group));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string text(const char* value) {
  return value != nullptr ? value : "";
}

GroupMember member_of(const rd_kafka_MemberDescription_t& member) {
  const auto* assignment = rd_kafka_MemberDescription_assignment(&member);
  const auto* list = assignment != nullptr ? rd_kafka_MemberAssignment_partitions(assignment) : nullptr;
  return {.id = text(rd_kafka_MemberDescription_consumer_id(&member)),
          .client_id = text(rd_kafka_MemberDescription_client_id(&member)),
          .host = text(rd_kafka_MemberDescription_host(&member)),
          .partitions = to_partitions(list)};
}

GroupInfo group_of(const rd_kafka_ConsumerGroupDescription_t& group) {
  GroupInfo info{.group = GroupId{text(rd_kafka_ConsumerGroupDescription_group_id(&group))},
                 .state = rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(&group)),
                 .members = {}};
  const std::size_t count = rd_kafka_ConsumerGroupDescription_member_count(&group);
  for (std::size_t i = 0; i < count; ++i) {
    info.members.push_back(member_of(*rd_kafka_ConsumerGroupDescription_member(&group, i)));
  }
  return info;
}

}  // namespace

std::vector<GroupInfo> fetch_groups(KafkaClient& client, Milliseconds timeout) {
  constexpr std::string_view k_doing = "describing groups";
  const std::vector<std::string> names = list_groups(client, timeout);
  if (names.empty()) return {};
  const EventHandle event =
      run_admin(client, {RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, k_doing, timeout},
                [&](const auto* options, auto* queue) {
                  std::vector<const char*> wanted;
                  for (const std::string& name : names) wanted.push_back(name.c_str());
                  rd_kafka_DescribeConsumerGroups(client.get(), wanted.data(), wanted.size(), options, queue);
                });
  std::size_t count = 0;
  const auto** described = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
  std::vector<GroupInfo> groups;
  for (const auto* group : std::span(described, count)) {
    if (const auto* error = rd_kafka_ConsumerGroupDescription_error(group);
        error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) continue;
      throw client.error(*error, k_doing);
    }
    groups.push_back(group_of(*group));
  }
  return groups;
}

}  // namespace kbeat::transport
