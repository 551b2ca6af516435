// Joining, leaving, leases and dealing of partitions.
#include "kbeat/transport/local/group_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <functional>

#include "kbeat/base/error.hpp"
#include "kbeat/transport/local/range_assignment.hpp"

namespace kbeat::transport::local {
namespace {

constexpr std::int64_t k_longest_rebalance = 60'000;  // milliseconds

std::string read_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

bool is_over(const Member& member, const LeaseTime& now) {
  return member.boot != now.boot || member.lease_until < now.milliseconds;
}

void open_generation(GroupState& group, const LeaseTime& now) {
  ++group.generation;
  group.phase = GroupPhase::preparing;
  group.preparing_since = now;
}

bool holds_up(const GroupState& group, const Member& member, const LeaseTime& now) {
  return group.phase == GroupPhase::preparing && member.generation < group.generation &&
         (group.preparing_since.boot != now.boot ||
          now.milliseconds - group.preparing_since.milliseconds > k_longest_rebalance);
}

std::uint64_t digest_of(std::span<const TopicState> topics, const GroupState& group) {
  std::string text;
  for (const TopicState& topic : topics) {
    const bool wanted = std::any_of(group.members.begin(), group.members.end(), [&](const Member& member) {
      return subscribes(member.topics, topic.topic);
    });
    if (wanted) text += fmt::format("{}:{}:{};", topic.topic.get(), topic.id, topic.partitions.size());
  }
  return std::hash<std::string>{}(text);
}

}  // namespace

LeaseTime lease_now() {
  static const std::string boot = read_boot_id();
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return {boot, std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000};
}

Member* find_member(GroupState& group, const std::string& id) {
  const auto found = std::find_if(group.members.begin(), group.members.end(),
                                  [&](const Member& member) { return member.id == id; });
  return found == group.members.end() ? nullptr : &*found;
}

void join(GroupState& group, Member member, const LeaseTime& now) {
  open_generation(group, now);
  member.generation = group.generation;
  member.boot = now.boot;
  member.lease_until = now.milliseconds + member.session.count();
  member.partitions.clear();
  group.members.push_back(std::move(member));
}

void leave(GroupState& group, const std::string& id, const LeaseTime& now) {
  const auto left = std::erase_if(group.members, [&](const Member& member) { return member.id == id; });
  if (left > 0) open_generation(group, now);
}

Renewed renew(GroupState& group, const std::string& id, const LeaseTime& now) {
  Member* member = find_member(group, id);
  if (member == nullptr || is_over(*member, now)) return Renewed::not_a_member;
  member->lease_until = now.milliseconds + member->session.count();
  return Renewed::yes;
}

void drop_dead(GroupState& group, const LeaseTime& now) {
  const auto dropped = std::erase_if(group.members, [&](const Member& member) {
    return is_over(member, now) || holds_up(group, member, now);
  });
  if (dropped > 0) open_generation(group, now);
}

void drop_absent(GroupState& group, const Presence& presence, const LeaseTime& now) {
  const auto dropped =
      std::erase_if(group.members, [&](const Member& member) { return !presence.is_there(member.id); });
  if (dropped > 0) open_generation(group, now);
}

void agree(GroupState& group, const std::string& id) {
  Member* member = find_member(group, id);
  if (member == nullptr || member->generation == group.generation) return;
  member->partitions.clear();
  member->generation = group.generation;
}

void settle(GroupState& group, std::span<const TopicState> topics, const LeaseTime& now) {
  drop_dead(group, now);
  const std::uint64_t digest = digest_of(topics, group);
  if (group.phase == GroupPhase::stable && digest != group.dealt) open_generation(group, now);
  const bool all_agree = std::all_of(group.members.begin(), group.members.end(), [&](const Member& member) {
    return member.generation == group.generation;
  });
  if (group.phase != GroupPhase::preparing || !all_agree) return;
  deal_by_range(group.members, topics);
  group.phase = GroupPhase::stable;
  group.dealt = digest;
}

void check_owner(GroupState& group, const std::string& id, std::span<const CommittedPosition> positions,
                 const LeaseTime& now) {
  const Member* member = find_member(group, id);
  if (member == nullptr || is_over(*member, now)) {
    throw Error(ErrorCode::fenced, "this consumer is no longer a member of its group: its session ran out");
  }
  for (const CommittedPosition& position : positions) {
    const auto& own = member->partitions;
    if (std::find(own.begin(), own.end(), position.partition) != own.end()) continue;
    throw Error(ErrorCode::fenced, fmt::format("{} is no longer this consumer's: the group gave it away",
                                               to_string(position.partition)));
  }
}

}  // namespace kbeat::transport::local
