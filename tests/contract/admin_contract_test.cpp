// Topics, their settings, offsets by time and positions of groups.
#include <algorithm>
#include <catch2/catch.hpp>

#include "contract/workbench.hpp"

namespace kbeat::contract {
namespace {

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("nothing was thrown");
  return ErrorCode::internal;
}

Record stamped(const TopicName& topic, std::int64_t time) {
  Record record = record_of(topic, "k", std::to_string(time));
  record.timestamp = WallTime{Milliseconds{time}};
  record.timestamp_type = TimestampType::create;
  return record;
}

}  // namespace

TEST_CASE("a created topic has its partitions and is in the cluster's list", "[contract][admin]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(5);
  const TopicInfo info = bench.topics().topic(topic);
  CHECK(info.topic == topic);
  REQUIRE(info.partitions.size() == 5);
  for (int i = 0; i < 5; ++i) CHECK(info.partitions[static_cast<std::size_t>(i)].partition == Partition{i});
  const ClusterInfo cluster = bench.topics().cluster();
  CHECK_FALSE(cluster.id.empty());
  CHECK_FALSE(cluster.brokers.empty());
  CHECK(cluster.id == bench.topics().cluster().id);
  CHECK(std::any_of(cluster.topics.begin(), cluster.topics.end(), [&](const TopicInfo& listed) {
    return listed.topic == topic && listed.partitions.size() == 5;
  }));
}

TEST_CASE("a topic that does not exist is not found", "[contract][admin]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName missing{bench.fresh_name("missing")};
  CHECK(code_of([&] { static_cast<void>(bench.topics().topic(missing)); }) == ErrorCode::not_found);
  CHECK(code_of([&] { bench.topics().remove(missing); }) == ErrorCode::not_found);
  CHECK(code_of([&] { static_cast<void>(bench.topics().config(missing)); }) == ErrorCode::not_found);
  CHECK(code_of([&] { bench.topics().add_partitions(missing, 4); }) == ErrorCode::not_found);
  CHECK(code_of([&] { static_cast<void>(bench.end_of(missing, 0)); }) == ErrorCode::not_found);
}

TEST_CASE("a topic cannot be made twice", "[contract][admin]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(2);
  CHECK(code_of([&] {
          bench.topics().create({.topic = topic, .partitions = 3, .replication = -1, .config = {}});
        }) == ErrorCode::busy);
  CHECK(bench.topics().topic(topic).partitions.size() == 2);
}

TEST_CASE("a setting of a topic that makes no sense is refused", "[contract][admin]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic{bench.fresh_name()};
  const auto create_with = [&](const std::string& name, const std::string& value) {
    bench.topics().create({.topic = topic, .partitions = 1, .replication = -1, .config = {{name, value}}});
  };
  CHECK(code_of([&] { create_with("cleanup.policy", "burn"); }) == ErrorCode::bad_input);
  CHECK(code_of([&] { create_with("retention.ms", "soon"); }) == ErrorCode::bad_input);
  CHECK(code_of([&] { create_with("retention.parsecs", "1"); }) == ErrorCode::bad_input);
  CHECK(code_of([&] { static_cast<void>(bench.topics().topic(topic)); }) == ErrorCode::not_found);
}

TEST_CASE("what is rehearsed is refused as it would be and changes nothing", "[contract][admin]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName there = bench.make_topic(1, {{"retention.ms", "12345678"}});
  const TopicName fresh{bench.fresh_name()};
  for (const TopicName& topic : {there, fresh}) {
    const auto rehearse = [&](const std::string& name, const std::string& value) {
      bench.topics().rehearse(
          {.topic = topic, .partitions = 1, .replication = -1, .config = {{name, value}}});
    };
    CHECK(code_of([&] { rehearse("retention.ms", "1d"); }) == ErrorCode::bad_input);
    CHECK(code_of([&] { rehearse("retention.parsecs", "1"); }) == ErrorCode::bad_input);
    CHECK_NOTHROW(rehearse("retention.ms", "99"));
  }
  CHECK(bench.topics().config(there)["retention.ms"] == "12345678");
  CHECK(code_of([&] { static_cast<void>(bench.topics().topic(fresh)); }) == ErrorCode::not_found);
}

TEST_CASE("changing one setting keeps the others", "[contract][admin]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(1, {{"retention.ms", "12345678"}, {"max.message.bytes", "54321"}});
  bench.topics().set_config(topic, {{"cleanup.policy", "compact"}});
  keep_on(bench.under_test().patience(), "the new setting",
          [&] { return bench.topics().config(topic)["cleanup.policy"] == "compact"; });
  std::map<std::string, std::string> config = bench.topics().config(topic);
  CHECK(config["retention.ms"] == "12345678");
  CHECK(config["max.message.bytes"] == "54321");
  bench.topics().set_config(topic, {{"retention.ms", "-1"}});
  keep_on(bench.under_test().patience(), "the second setting",
          [&] { return bench.topics().config(topic)["retention.ms"] == "-1"; });
  CHECK(bench.topics().config(topic)["cleanup.policy"] == "compact");
}

TEST_CASE("partitions can be added and not taken away", "[contract][admin]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(2);
  bench.produce({record_of(topic, "k", "before", 1)});
  bench.topics().add_partitions(topic, 4);
  keep_on(bench.under_test().patience(), "four partitions",
          [&] { return bench.topics().topic(topic).partitions.size() == 4; });
  CHECK_THROWS_AS(bench.topics().add_partitions(topic, 3), Error);
  keep_on(bench.under_test().patience(), "the new partition to take records",
          [&] { return !bench.send({record_of(topic, "k", "after", 3)}).front().error.has_value(); });
  CHECK(bench.end_of(topic, 1) == Offset{1});
  CHECK(bench.end_of(topic, 3) == Offset{1});
}

TEST_CASE("earliest and latest are where the log begins and ends", "[contract][admin]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(2);
  bench.produce({record_of(topic, "k", "1", 1), record_of(topic, "k", "2", 1)});
  const std::vector<TopicPartition> partitions = {part(topic, 1), part(topic, 0)};
  CHECK(bench.offsets().offsets(partitions, LogEnd::earliest) == std::vector{Offset{0}, Offset{0}});
  CHECK(bench.offsets().offsets(partitions, LogEnd::latest) == std::vector{Offset{2}, Offset{0}});
  CHECK(bench.offsets().offsets(partitions, LogEnd::last_stable) == std::vector{Offset{2}, Offset{0}});
}

TEST_CASE("an offset by time is that of the first record at or after it", "[contract][admin]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(1, {{"retention.ms", "-1"}});
  // Each in a batch of its own, then some in one batch, out of order.
  for (const int time : {1000, 3000, 2000}) bench.produce({stamped(topic, time)});
  bench.produce({stamped(topic, 2500), stamped(topic, 5000), stamped(topic, 4000), stamped(topic, 6000)});
  const auto offset_at = [&](std::int64_t time) {
    const TopicPartition partition = part(topic, 0);
    return bench.offsets().offsets_at({&partition, 1}, WallTime{Milliseconds{time}}).at(0).get();
  };
  CHECK(offset_at(0) == 0);
  CHECK(offset_at(1000) == 0);
  CHECK(offset_at(1001) == 1);
  CHECK(offset_at(3000) == 1);
  CHECK(offset_at(3001) == 4);
  CHECK(offset_at(5001) == 6);
  CHECK(offset_at(6001) == 7);
}

TEST_CASE("positions set from outside are kept with their metadata", "[contract][admin]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(3);
  const GroupId group{bench.fresh_name("group")};
  const std::vector<TopicPartition> all = {part(topic, 0), part(topic, 1), part(topic, 2)};
  CHECK(bench.offsets().committed(group, all).empty());
  const std::vector<CommittedPosition> positions = {{part(topic, 0), Offset{7}, "kbeat/1 some-store 3"},
                                                    {part(topic, 2), Offset{0}, ""}};
  bench.offsets().set_committed(group, positions);
  CHECK(bench.offsets().committed(group, all) == positions);
  const auto groups = bench.offsets().groups();
  const auto found =
      std::find_if(groups.begin(), groups.end(), [&](const GroupInfo& info) { return info.group == group; });
  REQUIRE(found != groups.end());
  CHECK(found->members.empty());
  bench.offsets().remove_group(group);
  CHECK(bench.offsets().committed(group, all).empty());
}

TEST_CASE("positions in a topic go with the topic", "[contract][admin]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic();
  const GroupId group{bench.fresh_name("group")};
  const TopicPartition partition = part(topic, 0);
  const CommittedPosition position{partition, Offset{5}, "mark"};
  bench.offsets().set_committed(group, {&position, 1});
  bench.topics().remove(topic);
  keep_on(bench.under_test().patience(), "the position to go", [&] {
    try {
      return bench.offsets().committed(group, {&partition, 1}).empty();
    } catch (const Error& error) {
      return error.code() == ErrorCode::not_found;
    }
  });
}

}  // namespace kbeat::contract
