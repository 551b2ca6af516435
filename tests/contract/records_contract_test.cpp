// What every transport keeps of a record, byte for byte.
#include <catch2/catch.hpp>

#include "contract/workbench.hpp"

namespace kbeat::contract {
namespace {

/// What must come back: all but what the transport gives.
void require_same(const Record& read, const Record& sent) {
  CHECK(read.topic == sent.topic);
  CHECK(read.key == sent.key);
  CHECK(read.value == sent.value);
  REQUIRE(read.headers.size() == sent.headers.size());
  for (std::size_t i = 0; i < sent.headers.size(); ++i) {
    INFO("header " << i);
    CHECK(read.headers[i] == sent.headers[i]);
  }
}

Record through(Workbench& bench, const Record& record) {
  bench.produce({record});
  const std::vector<Record> read = bench.read_all(record.topic);
  REQUIRE(read.size() == 1);
  return read.front();
}

/// Bytes that stay as many on the wire: a limit counts what is sent.
std::string incompressible(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1'664'525u + 1'013'904'223u;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

std::string all_bytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

}  // namespace

TEST_CASE("null, empty and binary keys and values come back as they were", "[contract][records]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic();
  const std::vector<std::optional<Bytes>> shapes = {std::nullopt, "", "text", all_bytes()};
  std::vector<Record> sent;
  for (const auto& key : shapes) {
    for (const auto& value : shapes) sent.push_back(record_of(topic, key, value));
  }
  bench.produce(sent);
  const std::vector<Record> read = bench.read_all(topic);
  REQUIRE(read.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    INFO("record " << i);
    require_same(read[i], sent[i]);
    CHECK(read[i].offset == Offset{static_cast<std::int64_t>(i)});
    CHECK(read[i].partition == Partition{0});
  }
}

TEST_CASE("headers keep their order, duplicates, nulls and empty names", "[contract][records]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic();
  Record record = record_of(topic, "k", "v");
  record.headers = {{"a", "1"}, {"b", std::nullopt}, {"a", "2"},           {"", "no name"},
                    {"c", ""},  {"", std::nullopt},  {"bin", all_bytes()}, {"a", "1"}};
  require_same(through(bench, record), record);
}

TEST_CASE("a record of one megabyte passes", "[contract][records]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  Record record = record_of(bench.make_topic(), "key", std::string(999'000, 'x'));
  for (std::size_t i = 0; i < record.value->size(); ++i) (*record.value)[i] = static_cast<char>(i * 131 >> 3);
  require_same(through(bench, record), record);
}

TEST_CASE("a record beyond the topic's limit is refused and the next one is stored", "[contract][records]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(1, {{"max.message.bytes", "2000"}});
  try {
    const auto reports = bench.send({record_of(topic, "k", incompressible(10'000))});
    REQUIRE(reports.front().error.has_value());
    CHECK(reports.front().error->code() == ErrorCode::too_large);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::too_large);
  }
  require_same(through(bench, record_of(topic, "k", "small")), record_of(topic, "k", "small"));
}

TEST_CASE("timestamps given by the producer are kept", "[contract][records]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(1, {{"retention.ms", "-1"}});
  std::vector<Record> sent;
  const std::int64_t oldest = bench.under_test().oldest_stamp().time_since_epoch().count();
  for (const std::int64_t time : std::vector<std::int64_t>{1'700'000'000'123, oldest, 2, 1'600'000'000'000}) {
    Record record = record_of(topic, "k", "v");
    record.timestamp = WallTime{Milliseconds{time}};
    record.timestamp_type = TimestampType::create;
    sent.push_back(record);
  }
  bench.produce(sent);
  const std::vector<Record> read = bench.read_all(topic);
  REQUIRE(read.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    CHECK(read[i].timestamp == sent[i].timestamp);
    CHECK(read[i].timestamp_type == TimestampType::create);
  }
}

TEST_CASE("a record without a timestamp is stamped with the present", "[contract][records]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const auto before = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
  const Record read = through(bench, record_of(bench.make_topic(), "k", "v"));
  const auto after = std::chrono::ceil<Milliseconds>(std::chrono::system_clock::now());
  CHECK(read.timestamp >= before);
  CHECK(read.timestamp <= after);
  CHECK(read.timestamp_type == TimestampType::create);
}

TEST_CASE("a topic that stamps appends overrides the producer's timestamp", "[contract][records]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(1, {{"message.timestamp.type", "LogAppendTime"}});
  Record record = record_of(topic, "k", "v");
  record.timestamp = WallTime{Milliseconds{1'000}};
  record.timestamp_type = TimestampType::create;
  const Record read = through(bench, record);
  CHECK(read.timestamp_type == TimestampType::log_append);
  CHECK(read.timestamp > WallTime{Milliseconds{1'000'000'000'000}});
}

TEST_CASE("reports name the offset of each record in order", "[contract][records]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(2);
  std::vector<Record> sent;
  for (int i = 0; i < 100; ++i) sent.push_back(record_of(topic, std::nullopt, std::to_string(i), i % 2));
  const std::vector<Delivery> reports = bench.produce(sent);
  for (int i = 0; i < 100; ++i) {
    CHECK(reports[static_cast<std::size_t>(i)].partition == Partition{i % 2});
    CHECK(reports[static_cast<std::size_t>(i)].offset == Offset{i / 2});
  }
}

TEST_CASE("order within a partition is the order of sending", "[contract][records]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic(3);
  std::vector<Record> sent;
  for (int i = 0; i < 5'000; ++i)
    sent.push_back(record_of(topic, "key" + std::to_string(i % 7), std::to_string(i)));
  bench.produce(sent);
  std::map<std::string, int> last;
  const std::vector<Record> read = bench.read_all(topic);
  REQUIRE(read.size() == sent.size());
  for (const Record& record : read) {
    const int number = std::stoi(*record.value);
    const auto [found, first] = last.try_emplace(*record.key, -1);
    CHECK(found->second < number);
    found->second = number;
  }
}

}  // namespace kbeat::contract
