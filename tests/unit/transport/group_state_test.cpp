// The rules of a group, without clocks and disks.
#include "kbeat/transport/local/group_state.hpp"

#include <catch2/catch.hpp>

#include "kbeat/transport/local/range_assignment.hpp"

namespace kbeat::transport::local {
namespace {

LeaseTime at(std::int64_t milliseconds, const std::string& boot = "boot") {
  return {boot, milliseconds};
}

TopicState topic(const std::string& name, int partitions, std::int64_t id = 1) {
  TopicState state{.topic = TopicName{name}, .id = id, .partitions = {}, .config = {}};
  for (int i = 0; i < partitions; ++i) state.partitions.emplace_back(id * 100 + i);
  return state;
}

Member member(const std::string& id, std::vector<std::string> topics = {"t"}) {
  Member made;
  made.id = id;
  made.topics = std::move(topics);
  made.session = Milliseconds{1000};
  return made;
}

std::vector<int> numbers_of(GroupState& group, const std::string& id) {
  std::vector<int> numbers;
  for (const TopicPartition& partition : find_member(group, id)->partitions)
    numbers.push_back(partition.partition.get());
  return numbers;
}

CommittedPosition position(int partition) {
  return {{TopicName{"t"}, Partition{partition}}, Offset{5}, ""};
}

}  // namespace

TEST_CASE("a lone member gets everything as soon as it joined", "[transport][group]") {
  const std::vector topics = {topic("t", 3)};
  GroupState group;
  join(group, member("a"), at(0));
  settle(group, topics, at(0));
  CHECK(group.phase == GroupPhase::stable);
  CHECK(numbers_of(group, "a") == std::vector{0, 1, 2});
}

TEST_CASE("nothing is dealt before every member has given back what it owned", "[transport][group]") {
  const std::vector topics = {topic("t", 4)};
  GroupState group;
  join(group, member("a"), at(0));
  settle(group, topics, at(0));
  join(group, member("b"), at(1));
  settle(group, topics, at(1));
  CHECK(group.phase == GroupPhase::preparing);
  CHECK(numbers_of(group, "a").size() == 4);
  CHECK(numbers_of(group, "b").empty());
  agree(group, "a");
  settle(group, topics, at(2));
  CHECK(group.phase == GroupPhase::stable);
  CHECK(numbers_of(group, "a") == std::vector{0, 1});
  CHECK(numbers_of(group, "b") == std::vector{2, 3});
}

TEST_CASE("agreeing twice does not give back what was dealt meanwhile", "[transport][group]") {
  const std::vector topics = {topic("t", 2)};
  GroupState group;
  join(group, member("a"), at(0));
  settle(group, topics, at(0));
  agree(group, "a");
  CHECK(numbers_of(group, "a").size() == 2);
}

TEST_CASE("a member whose lease is over is dropped and cannot commit", "[transport][group]") {
  const std::vector topics = {topic("t", 2)};
  GroupState group;
  join(group, member("a"), at(0));
  settle(group, topics, at(0));
  const std::vector positions = {position(1)};
  CHECK_NOTHROW(check_owner(group, "a", positions, at(1000)));
  CHECK_THROWS_AS(check_owner(group, "a", positions, at(1001)), Error);
  CHECK(renew(group, "a", at(1001)) == Renewed::not_a_member);
  settle(group, topics, at(1001));
  CHECK(group.members.empty());
}

TEST_CASE("a renewed lease lasts for another session", "[transport][group]") {
  GroupState group;
  join(group, member("a"), at(0));
  CHECK(renew(group, "a", at(900)) == Renewed::yes);
  CHECK(renew(group, "a", at(1900)) == Renewed::yes);
  CHECK(renew(group, "nobody", at(0)) == Renewed::not_a_member);
}

TEST_CASE("a reboot ends all leases whatever the clock says", "[transport][group]") {
  const std::vector topics = {topic("t", 2)};
  GroupState group;
  join(group, member("a"), at(1'000'000));
  settle(group, topics, at(1'000'000));
  settle(group, topics, at(5, "next boot"));
  CHECK(group.members.empty());
}

TEST_CASE("a commit for a partition that is not the member's is fenced", "[transport][group]") {
  const std::vector topics = {topic("t", 2)};
  GroupState group;
  join(group, member("a"), at(0));
  join(group, member("b"), at(0));
  agree(group, "a");
  settle(group, topics, at(0));
  const std::vector own = {position(0)};
  const std::vector foreign = {position(1)};
  CHECK_NOTHROW(check_owner(group, "a", own, at(0)));
  CHECK_THROWS_AS(check_owner(group, "a", foreign, at(0)), Error);
  CHECK_THROWS_AS(check_owner(group, "nobody", own, at(0)), Error);
}

TEST_CASE("a member that holds up a rebalance for over a minute is dropped", "[transport][group]") {
  const std::vector topics = {topic("t", 2)};
  GroupState group;
  join(group, member("slow"), at(0));
  settle(group, topics, at(0));
  join(group, member("b"), at(0));
  for (std::int64_t now = 500; now <= 60'000; now += 500) {
    renew(group, "slow", at(now));
    renew(group, "b", at(now));
    settle(group, topics, at(now));
  }
  REQUIRE(find_member(group, "slow") != nullptr);
  renew(group, "b", at(60'500));
  settle(group, topics, at(60'500));
  CHECK(find_member(group, "slow") == nullptr);
  agree(group, "b");
  settle(group, topics, at(60'500));
  CHECK(numbers_of(group, "b").size() == 2);
}

TEST_CASE("a change of the subscribed topics opens a generation, of others not", "[transport][group]") {
  GroupState group;
  join(group, member("a"), at(0));
  settle(group, std::vector{topic("t", 2)}, at(0));
  const std::int64_t generation = group.generation;
  settle(group, std::vector{topic("other", 1, 2), topic("t", 2)}, at(1));
  CHECK(group.generation == generation);
  settle(group, std::vector{topic("t", 3)}, at(2));
  CHECK(group.generation == generation + 1);
  agree(group, "a");
  settle(group, std::vector{topic("t", 3)}, at(3));
  settle(group, std::vector{topic("t", 3, 9)}, at(4));
  CHECK(group.generation == generation + 2);
}

TEST_CASE("range deals each topic by itself, the first members get one more", "[transport][group]") {
  std::vector<Member> members = {member("b", {"t", "u"}), member("a", {"t"}), member("c", {"^."})};
  deal_by_range(members, std::vector{topic("t", 4), topic("u", 1, 2), topic("v", 2, 3)});
  const auto of = [&](std::size_t i) {
    std::string text;
    for (const TopicPartition& partition : members[i].partitions) text += to_string(partition);
    return text;
  };
  CHECK(of(1) == "t[0]t[1]");
  CHECK(of(0) == "t[2]u[0]");
  CHECK(of(2) == "t[3]v[0]v[1]");
}

TEST_CASE("subscriptions are names or patterns", "[transport][group]") {
  const std::vector<std::string> patterns = {"plain", "^ev.*s$"};
  CHECK(subscribes(patterns, TopicName{"plain"}));
  CHECK(subscribes(patterns, TopicName{"events"}));
  CHECK_FALSE(subscribes(patterns, TopicName{"plain2"}));
  CHECK_NOTHROW(check_subscription(patterns));
  CHECK_THROWS_AS(check_subscription(std::vector<std::string>{"^(["}), Error);
  CHECK_THROWS_AS(check_subscription(std::vector<std::string>{"tracking/data"}), Error);
}

}  // namespace kbeat::transport::local
