// Retention by time and bytes, compaction by key.
#include <catch2/catch.hpp>

#include "contract/workbench.hpp"

namespace kbeat::contract {
namespace {

std::map<std::string, std::string> with(std::map<std::string, std::string> config,
                                        TransportUnderTest& under_test) {
  config.merge(under_test.quick_cleaning());
  return config;
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Record aged(const TopicName& topic, std::chrono::hours age, const std::string& value) {
  Record record = record_of(topic, "k", value, 0);
  record.timestamp = WallTime{Milliseconds{now_ms()} - age};
  record.timestamp_type = TimestampType::create;
  return record;
}

/// What a key has in the end, from all records that are left.
std::map<std::string, std::string> latest_by_key(const std::vector<Record>& records) {
  std::map<std::string, std::string> latest;
  for (const Record& record : records) latest[*record.key] = record.value.value_or("(tombstone)");
  return latest;
}

}  // namespace

TEST_CASE("records past the retention time go, and reading from them is a gap", "[contract][cleaning]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(1, with({{"retention.ms", "3600000"}}, bench.under_test()));
  bench.produce({aged(topic, std::chrono::hours{3}, "old"), aged(topic, std::chrono::hours{2}, "old")});
  bench.produce({aged(topic, std::chrono::hours{0}, "new")});
  keep_on(bench.under_test().patience(), "the old records to go", [&] {
    bench.produce({aged(topic, std::chrono::hours{0}, "new")});
    bench.under_test().clean();
    return bench.end_of(topic, 0, LogEnd::earliest) >= Offset{2};
  });
  for (const Record& record : bench.read_all(topic)) CHECK(record.value == "new");
  Reader reader(bench, {{part(topic, 0), Offset{0}}});
  reader.read_until("the gap", [&] { return !reader.gaps.empty(); });
  CHECK(reader.gaps.front().wanted == Offset{0});
  CHECK(reader.gaps.front().earliest == bench.end_of(topic, 0, LogEnd::earliest));
}

TEST_CASE("records past the retention size go, the newest stay", "[contract][cleaning]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic =
      bench.make_topic(1, with({{"retention.bytes", "60000"}, {"retention.ms", "-1"}}, bench.under_test()));
  for (int i = 0; i < 20; ++i) bench.produce({record_of(topic, "k", std::string(10'000, 'x'), 0)});
  keep_on(bench.under_test().patience(), "the first records to go", [&] {
    bench.produce({record_of(topic, "k", std::string(10'000, 'x'), 0)});
    bench.under_test().clean();
    return bench.end_of(topic, 0, LogEnd::earliest) >= Offset{10};
  });
  CHECK(bench.read_all(topic).size() >= 5);
}

TEST_CASE("compaction keeps the last record of each key, its offset unchanged", "[contract][cleaning]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(1, with({{"cleanup.policy", "compact"}}, bench.under_test()));
  for (int round = 0; round < 10; ++round) {
    std::vector<Record> records;
    for (int key = 0; key < 5; ++key) {
      records.push_back(record_of(topic, "key" + std::to_string(key), std::to_string(round), 0));
    }
    bench.produce(records);
  }
  std::int64_t extra = 0;
  keep_on(bench.under_test().patience(), "older values to go", [&] {
    bench.produce({record_of(topic, "other", std::to_string(extra++), 0)});
    bench.under_test().clean();
    return bench.read_all(topic).size() <= 15;
  });
  std::vector<Record> left = bench.read_all(topic);
  std::map<std::string, std::string> latest = latest_by_key(left);
  for (int key = 0; key < 5; ++key) CHECK(latest["key" + std::to_string(key)] == "9");
  for (const Record& record : left) {
    if (record.key == "key3" && record.value == "9") CHECK(record.offset == Offset{48});
  }
  CHECK(bench.end_of(topic, 0) == Offset{50 + extra});
}

TEST_CASE("reading over compacted gaps ends at the true end", "[contract][cleaning]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(1, with({{"cleanup.policy", "compact"}}, bench.under_test()));
  std::vector<Record> records;
  for (int i = 0; i < 100; ++i) records.push_back(record_of(topic, "same", std::to_string(i), 0));
  bench.produce(records);
  keep_on(bench.under_test().patience(), "older values to go", [&] {
    bench.produce({record_of(topic, "same", "again", 0)});
    bench.under_test().clean();
    return bench.read_all(topic).size() < 50;
  });
  const Offset end = bench.end_of(topic, 0);
  Reader reader(bench, {{part(topic, 0), Offset{10}}});
  reader.read_until("the end", [&] { return reader.ends[part(topic, 0)] == end; });
  CHECK(reader.gaps.empty());
  REQUIRE_FALSE(reader.records.empty());
  CHECK(reader.records.back().value == "again");
}

TEST_CASE("a tombstone takes its key away in the end", "[contract][cleaning]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(
      1, with({{"cleanup.policy", "compact"}, {"delete.retention.ms", "0"}}, bench.under_test()));
  bench.produce({record_of(topic, "doomed", "v", 0), record_of(topic, "kept", "v", 0)});
  bench.produce({record_of(topic, "doomed", std::nullopt, 0)});
  keep_on(bench.under_test().patience(), "key and tombstone to go", [&] {
    bench.produce({record_of(topic, "other", "v", 0)});
    bench.under_test().clean();
    return latest_by_key(bench.read_all(topic)).count("doomed") == 0;
  });
  CHECK(latest_by_key(bench.read_all(topic))["kept"] == "v");
}

TEST_CASE("a record without a key is refused by a compacted topic", "[contract][cleaning]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(1, with({{"cleanup.policy", "compact"}}, bench.under_test()));
  try {
    const auto reports = bench.send({record_of(topic, std::nullopt, "v")});
    CHECK(reports.front().error.has_value());
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::bad_input);
  }
  CHECK(bench.end_of(topic, 0) == Offset{0});
}

}  // namespace kbeat::contract
