// Reading without a group: ends, positions, flow, gaps and topics that go away.
#include <catch2/catch.hpp>
#include <set>

#include "contract/workbench.hpp"
#include "kbeat/transport/partitioner.hpp"

namespace kbeat::contract {
namespace {

std::vector<Record> numbered(const TopicName& topic, int from, int to, int partition = 0) {
  std::vector<Record> records;
  for (int i = from; i < to; ++i)
    records.push_back(record_of(topic, std::to_string(i), std::to_string(i), partition));
  return records;
}

}  // namespace

TEST_CASE("a key goes to the partition that Java clients choose", "[contract][consumer]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(7);
  std::vector<Record> sent;
  for (int i = 0; i < 200; ++i) sent.push_back(record_of(topic, "key-" + std::to_string(i), "v"));
  sent.push_back(record_of(topic, "", "empty key"));
  bench.produce(sent);
  const std::vector<Record> read = bench.read_all(topic);
  REQUIRE(read.size() == sent.size());
  for (const Record& record : read) {
    INFO("key " << *record.key);
    CHECK(record.partition == partition_of_key(*record.key, 7));
  }
}

TEST_CASE("records without a key reach more than one partition", "[contract][consumer]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(3);
  std::set<std::int32_t> partitions;
  keep_on(bench.under_test().patience(), "two partitions to be used", [&] {
    std::vector<Record> sent;
    for (int i = 0; i < 500; ++i) sent.push_back(record_of(topic, std::nullopt, "v"));
    for (const Delivery& report : bench.produce(sent)) partitions.insert(report.partition.get());
    return partitions.size() > 1;
  });
}

TEST_CASE("an empty partition reports its end at once", "[contract][consumer]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(2);
  Reader reader(bench, {{part(topic, 0), Offset{0}}, {part(topic, 1), Offset{0}}});
  reader.read_until("both ends", [&] { return reader.ends.size() == 2; });
  CHECK(reader.ends[part(topic, 0)] == Offset{0});
  CHECK(reader.records.empty());
}

TEST_CASE("the end is reported behind the last record, and again after more", "[contract][consumer]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic();
  bench.produce(numbered(topic, 0, 10));
  Reader reader(bench, {{part(topic, 0), Offset{4}}});
  reader.read_until("the end", [&] { return reader.ends[part(topic, 0)] == Offset{10}; });
  REQUIRE(reader.records.size() == 6);
  CHECK(reader.records.front().offset == Offset{4});
  bench.produce(numbered(topic, 10, 12));
  reader.read_until("the new end", [&] { return reader.ends[part(topic, 0)] == Offset{12}; });
  CHECK(reader.records.size() == 8);
}

TEST_CASE("an idle reader gets a record soon after it was stored", "[contract][consumer]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic();
  Reader reader(bench, {{part(topic, 0), Offset{0}}});
  reader.read_until("the end", [&] { return reader.ends.size() == 1; });
  bench.produce(numbered(topic, 0, 1));
  const auto stored = std::chrono::steady_clock::now();
  reader.read_until("the record", [&] { return !reader.records.empty(); });
  CHECK(std::chrono::steady_clock::now() - stored < Milliseconds{1'000});
}

TEST_CASE("start moves a partition that is being read", "[contract][consumer]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic();
  bench.produce(numbered(topic, 0, 20));
  Reader reader(bench, {{part(topic, 0), Offset{15}}});
  reader.read_until("the end", [&] { return reader.ends[part(topic, 0)] == Offset{20}; });
  CHECK(reader.records.size() == 5);
  reader.records.clear();
  reader.ends.clear();
  const Position back{part(topic, 0), Offset{3}};
  reader.consumer().start({&back, 1});
  reader.read_until("the end again", [&] { return reader.ends[part(topic, 0)] == Offset{20}; });
  REQUIRE(reader.records.size() == 17);
  CHECK(reader.records.front().offset == Offset{3});
}

TEST_CASE("a paused partition stands still and goes on where it stopped", "[contract][consumer]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(2);
  bench.produce(numbered(topic, 0, 5, 0));
  bench.produce(numbered(topic, 0, 5, 1));
  Reader reader(bench, {{part(topic, 0), Offset{0}}, {part(topic, 1), Offset{0}}});
  const TopicPartition paused = part(topic, 0);
  reader.read_until("both ends", [&] { return reader.ends.size() == 2 && reader.records.size() == 10; });
  reader.consumer().set_flow({&paused, 1}, Flow::paused);
  bench.produce(numbered(topic, 5, 8, 0));
  bench.produce(numbered(topic, 5, 8, 1));
  reader.read_until("the running partition", [&] { return reader.ends[part(topic, 1)] == Offset{8}; });
  for (int i = 0; i < 5; ++i) reader.poll(Milliseconds{20});
  CHECK(reader.records.size() == 13);
  CHECK(reader.ends[paused] == Offset{5});
  reader.consumer().set_flow({&paused, 1}, Flow::running);
  reader.read_until("the rest", [&] { return reader.ends[paused] == Offset{8}; });
  CHECK(reader.records.size() == 16);
}

TEST_CASE("a released partition is read no more", "[contract][consumer]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(2);
  Reader reader(bench, {{part(topic, 0), Offset{0}}, {part(topic, 1), Offset{0}}});
  reader.read_until("both ends", [&] { return reader.ends.size() == 2; });
  const TopicPartition released = part(topic, 0);
  reader.consumer().release({&released, 1});
  bench.produce(numbered(topic, 0, 3, 0));
  bench.produce(numbered(topic, 0, 3, 1));
  reader.read_until("the other one", [&] { return reader.ends[part(topic, 1)] == Offset{3}; });
  for (const Record& record : reader.records) CHECK(record.partition == Partition{1});
}

TEST_CASE("an offset past the log is reported and nothing is skipped", "[contract][consumer]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic();
  bench.produce(numbered(topic, 0, 5));
  Reader reader(bench, {{part(topic, 0), Offset{100}}});
  reader.read_until("the gap", [&] { return !reader.gaps.empty(); });
  CHECK(reader.gaps.front().partition == part(topic, 0));
  CHECK(reader.gaps.front().wanted == Offset{100});
  CHECK(reader.gaps.front().earliest == Offset{0});
  CHECK(reader.gaps.front().latest == Offset{5});
  CHECK(reader.records.empty());
  const Position first{part(topic, 0), Offset{0}};
  reader.consumer().start({&first, 1});
  reader.read_until("all records", [&] { return reader.records.size() == 5; });
}

TEST_CASE("a reader learns that its topic was deleted", "[contract][consumer]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic();
  bench.produce(numbered(topic, 0, 5));
  Reader reader(bench, {{part(topic, 0), Offset{0}}});
  reader.read_until("the end", [&] { return reader.ends[part(topic, 0)] == Offset{5}; });
  bench.topics().remove(topic);
  reader.read_until("the loss of the topic", [&] { return !reader.gone.empty(); });
  CHECK(reader.gone.front() == topic);
}

TEST_CASE("a topic made anew begins at offset 0 without the old records", "[contract][consumer]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic();
  bench.produce(numbered(topic, 0, 5));
  bench.topics().remove(topic);
  keep_on(bench.under_test().patience(), "the topic to be made anew", [&] {
    try {
      bench.topics().create({.topic = topic, .partitions = 1, .replication = -1, .config = {}});
      return true;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::busy) throw;
      return false;
    }
  });
  keep_on(bench.under_test().patience(), "the new topic to take records",
          [&] { return !bench.send(numbered(topic, 7, 8)).front().error.has_value(); });
  const std::vector<Record> read = bench.read_all(topic);
  REQUIRE_FALSE(read.empty());
  CHECK(read.front().offset == Offset{0});
  CHECK(read.front().value == "7");
}

}  // namespace kbeat::contract
