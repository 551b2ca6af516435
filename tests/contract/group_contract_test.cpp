// Groups of consumers in one process: sharing, joining, leaving, positions.
#include <algorithm>
#include <catch2/catch.hpp>

#include "contract/workbench.hpp"

namespace kbeat::contract {
namespace {

using Members = std::vector<GroupReader*>;

std::size_t owned_by(const Members& members) {
  std::size_t owned = 0;
  for (const GroupReader* member : members) owned += member->owned.size();
  return owned;
}

bool each_owns_some(const Members& members) {
  return std::none_of(members.begin(), members.end(),
                      [](const GroupReader* member) { return member->owned.empty(); });
}

/// Polls all until the partitions are shared among them.
void share(Workbench& bench, const Members& members, std::size_t partitions) {
  keep_on(bench.under_test().patience(), "the members to share the partitions", [&] {
    for (GroupReader* member : members) member->poll();
    return owned_by(members) == partitions && each_owns_some(members);
  });
}

std::vector<Record> numbered(const TopicName& topic, int count, int partitions) {
  std::vector<Record> records;
  for (int i = 0; i < count; ++i)
    records.push_back(record_of(topic, std::to_string(i), std::to_string(i), i % partitions));
  return records;
}

}  // namespace

TEST_CASE("one member gets all partitions of its topics", "[contract][group]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName first = bench.make_topic(3);
  const TopicName second = bench.make_topic(2);
  GroupReader member(bench.transport(), bench.fresh_name("group"), {first.get(), second.get()});
  share(bench, {&member}, 5);
  CHECK(member.owned.contains(part(first, 2)));
  CHECK(member.owned.contains(part(second, 1)));
  bench.produce(numbered(first, 30, 3));
  keep_on(bench.under_test().patience(), "all records", [&] {
    member.poll();
    return member.records.size() == 30;
  });
}

TEST_CASE("a second member takes its share and the first goes on with the rest", "[contract][group]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(4);
  const std::string group = bench.fresh_name("group");
  GroupReader first(bench.transport(), group, {topic.get()});
  share(bench, {&first}, 4);
  GroupReader second(bench.transport(), group, {topic.get()});
  share(bench, {&first, &second}, 4);
  CHECK(first.owned.size() == 2);
  CHECK(second.owned.size() == 2);
  CHECK(first.revocations == 1);
  CHECK_FALSE(first.was_lost);
  bench.produce(numbered(topic, 40, 4));
  keep_on(bench.under_test().patience(), "all records", [&] {
    first.poll();
    second.poll();
    return first.records.size() + second.records.size() >= 40;
  });
  CHECK(first.records.size() == 20);
  CHECK(second.records.size() == 20);
}

TEST_CASE("a member that leaves hands its partitions and positions to the others", "[contract][group]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(4);
  const std::string group = bench.fresh_name("group");
  GroupReader first(bench.transport(), group, {topic.get()});
  auto second = std::make_unique<GroupReader>(bench.transport(), group, std::vector{topic.get()});
  share(bench, {&first, second.get()}, 4);
  bench.produce(numbered(topic, 40, 4));
  keep_on(bench.under_test().patience(), "all records", [&] {
    first.poll();
    second->poll();
    return first.records.size() + second->records.size() == 40;
  });
  second->commit_all();
  second.reset();
  share(bench, {&first}, 4);
  bench.produce(numbered(topic, 40, 4));
  const std::size_t before = first.records.size();
  keep_on(bench.under_test().patience(), "the new records", [&] {
    first.poll();
    return first.records.size() >= before + 40;
  });
  CHECK(first.records.size() == before + 40);
}

TEST_CASE("more members than partitions leave some without any, and they are told so", "[contract][group]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(1);
  const std::string group = bench.fresh_name("group");
  GroupReader first(bench.transport(), group, {topic.get()});
  GroupReader second(bench.transport(), group, {topic.get()});
  keep_on(bench.under_test().patience(), "both to be assigned", [&] {
    first.poll();
    second.poll();
    return first.assignments > 0 && second.assignments > 0 && first.owned.size() + second.owned.size() == 1;
  });
}

TEST_CASE("a group goes on at its committed positions with their metadata", "[contract][group]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(2);
  const std::string group = bench.fresh_name("group");
  bench.produce(numbered(topic, 20, 2));
  {
    GroupReader member(bench.transport(), group, {topic.get()});
    keep_on(bench.under_test().patience(), "all records", [&] {
      member.poll();
      return member.records.size() == 20;
    });
    member.commit_all("kbeat/1 abc 17");
  }
  const std::vector<TopicPartition> partitions = {part(topic, 0), part(topic, 1)};
  const auto committed = bench.offsets().committed(GroupId{group}, partitions);
  REQUIRE(committed.size() == 2);
  CHECK(committed.front() == CommittedPosition{part(topic, 0), Offset{10}, "kbeat/1 abc 17"});
  bench.produce(numbered(topic, 4, 2));
  GroupReader next(bench.transport(), group, {topic.get()});
  keep_on(bench.under_test().patience(), "the new records", [&] {
    next.poll();
    return next.records.size() >= 4;
  });
  CHECK(next.records.size() == 4);
}

TEST_CASE("positions of a group with members cannot be set from outside", "[contract][group]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic();
  const std::string group = bench.fresh_name("group");
  GroupReader member(bench.transport(), group, {topic.get()});
  share(bench, {&member}, 1);
  const CommittedPosition position{part(topic, 0), Offset{0}, ""};
  try {
    bench.offsets().set_committed(GroupId{group}, {&position, 1});
    FAIL("the positions were set");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::busy);
  }
  const auto groups = bench.offsets().groups();
  const auto found = std::find_if(groups.begin(), groups.end(),
                                  [&](const GroupInfo& info) { return info.group.get() == group; });
  REQUIRE(found != groups.end());
  CHECK(found->state == "Stable");
  REQUIRE(found->members.size() == 1);
  CHECK(found->members.front().partitions == std::vector{part(topic, 0)});
}

TEST_CASE("a commit for a partition of another member is fenced", "[contract][group]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(2);
  const std::string group = bench.fresh_name("group");
  GroupReader first(bench.transport(), group, {topic.get()});
  share(bench, {&first}, 2);
  GroupReader second(bench.transport(), group, {topic.get()});
  share(bench, {&first, &second}, 2);
  const CommittedPosition foreign{second.owned.begin()->first, Offset{77}, ""};
  try {
    first.consumer().commit({&foreign, 1}, Milliseconds{10'000});
    FAIL("the commit went through");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::fenced);
  }
  for (const CommittedPosition& position :
       bench.offsets().committed(GroupId{group}, {&foreign.partition, 1})) {
    CHECK(position.next != foreign.next);
  }
}

TEST_CASE("a pattern takes in topics that appear later, from their beginning", "[contract][group]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const std::string stem = bench.fresh_name("pattern");
  const auto create = [&](const std::string& name) {
    bench.topics().create({.topic = TopicName{name}, .partitions = 1, .replication = -1, .config = {}});
  };
  create(stem + ".a");
  GroupReader member(bench.transport(), bench.fresh_name("group"), {"^" + stem + "\\.[ab]$"});
  share(bench, {&member}, 1);
  create(stem + ".c");
  create(stem + ".b");
  keep_on(bench.under_test().patience(), "the new topic to take records", [&] {
    return !bench.send({record_of(TopicName{stem + ".b"}, "k", "v")}).front().error.has_value();
  });
  keep_on(bench.under_test().patience(), "the record of the new topic", [&] {
    member.poll();
    return !member.records.empty();
  });
  CHECK(member.records.front().topic.get() == stem + ".b");
  CHECK(member.records.front().offset == Offset{0});
  CHECK(member.owned.size() == 2);
}

TEST_CASE("a pattern does not stand for the topics that it is to pass over", "[contract][group]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const std::string stem = bench.fresh_name("pattern");
  const auto create = [&](const std::string& name) {
    bench.topics().create({.topic = TopicName{name}, .partitions = 1, .replication = -1, .config = {}});
  };
  create(stem + ".a");
  create(stem + ".dlq");
  GroupReader member(bench.transport(),
                     {.group = GroupId{bench.fresh_name("group")},
                      .topics = {"^" + stem},
                      .passed_over = {TopicName{stem + ".dlq"}, TopicName{stem + ".late"}}});
  share(bench, {&member}, 1);
  create(stem + ".late");
  create(stem + ".dlqs");  // another name, and what a dot of a pattern would stand for
  create(stem + "-dlq");
  share(bench, {&member}, 3);
  CHECK_FALSE(member.owned.contains({TopicName{stem + ".dlq"}, Partition{0}}));
  CHECK_FALSE(member.owned.contains({TopicName{stem + ".late"}, Partition{0}}));
}

TEST_CASE("a group takes in partitions that are added", "[contract][group]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(1);
  GroupReader member(bench.transport(), bench.fresh_name("group"), {topic.get()});
  share(bench, {&member}, 1);
  bench.topics().add_partitions(topic, 3);
  share(bench, {&member}, 3);
}

TEST_CASE("a member learns that its topic was deleted", "[contract][group]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName kept = bench.make_topic(1);
  const TopicName doomed = bench.make_topic(1);
  GroupReader member(bench.transport(), bench.fresh_name("group"), {kept.get(), doomed.get()});
  share(bench, {&member}, 2);
  bench.topics().remove(doomed);
  keep_on(bench.under_test().patience(), "the loss of the topic", [&] {
    member.poll();
    return !member.gone.empty();
  });
  CHECK(member.gone.front() == doomed);
}

}  // namespace kbeat::contract
