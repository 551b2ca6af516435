// Small rules of the local transports: outbox ranges, retention, settings of topics, lists as text.
#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"
#include "kbeat/transport/local/cleaning.hpp"
#include "kbeat/transport/local/sequence_set.hpp"
#include "kbeat/transport/log/member_text.hpp"
#include "kbeat/transport/topic_table.hpp"

namespace kbeat::transport {
namespace {

using local::BatchAge;
using local::SequenceSet;
using local::TopicRules;

WallTime at(std::int64_t milliseconds) {
  return WallTime{Milliseconds{milliseconds}};
}

std::vector<BatchAge> three_batches() {
  return {{Offset{0}, Offset{9}, at(1'000), 100},
          {Offset{10}, Offset{19}, at(3'000), 100},
          {Offset{20}, Offset{29}, at(2'000), 100}};
}

}  // namespace

TEST_CASE("a set of sequences joins ranges that touch and knows every number", "[transport]") {
  SequenceSet set;
  for (const int number : {5, 1, 3, 2, 9, 4}) CHECK(set.add(number) == SequenceSet::Added::yes);
  for (const int number : {5, 1, 3, 2, 9, 4}) CHECK(set.add(number) == SequenceSet::Added::was_there);
  CHECK(set.ranges() == std::map<std::int64_t, std::int64_t>{{1, 5}, {9, 9}});
  CHECK(set.add(7) == SequenceSet::Added::yes);
  CHECK(set.add(8) == SequenceSet::Added::yes);
  CHECK(set.add(6) == SequenceSet::Added::yes);
  CHECK(set.ranges() == std::map<std::int64_t, std::int64_t>{{1, 9}});
}

TEST_CASE("retention by time drops whole batches from the front only", "[transport]") {
  TopicRules rules;
  rules.retention = Milliseconds{500};
  CHECK(local::count_expired(three_batches(), 300, rules, at(1'400)) == 0);
  CHECK(local::count_expired(three_batches(), 300, rules, at(1'600)) == 1);
  CHECK(local::count_expired(three_batches(), 300, rules, at(2'600)) == 1);
  CHECK(local::count_expired(three_batches(), 300, rules, at(9'999)) == 3);
  rules.retention.reset();
  CHECK(local::count_expired(three_batches(), 300, rules, at(9'999)) == 0);
}

TEST_CASE("retention by size keeps at least the size", "[transport]") {
  TopicRules rules;
  rules.retention_bytes = 150;
  CHECK(local::count_expired(three_batches(), 300, rules, at(0)) == 1);
  rules.retention_bytes = 100;
  CHECK(local::count_expired(three_batches(), 300, rules, at(0)) == 2);
  rules.deletes = false;
  CHECK(local::count_expired(three_batches(), 300, rules, at(0)) == 0);
}

TEST_CASE("settings of a topic have Kafka's defaults", "[transport]") {
  const TopicRules rules = local::rules_of({});
  CHECK(rules.deletes);
  CHECK_FALSE(rules.compacts);
  CHECK(rules.retention == Milliseconds{7 * 24 * 3600 * 1000});
  CHECK_FALSE(rules.retention_bytes);
  CHECK(rules.largest_record == 1'048'588);
  local::TopicState topic;
  topic.config = {{"cleanup.policy", "compact,delete"}, {"retention.ms", "-1"}};
  CHECK(local::rules_of(topic).compacts);
  CHECK(local::rules_of(topic).deletes);
  CHECK_FALSE(local::rules_of(topic).retention);
}

TEST_CASE("a wrong setting is named with what is allowed", "[transport]") {
  CHECK_THROWS_WITH(local::check_config({{"cleanup.policy", "burn"}}), Catch::Contains("delete|compact"));
  CHECK_THROWS_WITH(local::check_config({{"retention.ms", "1d"}}), Catch::Contains("\"1d\""));
  CHECK_THROWS_WITH(local::check_config({{"segment.ms", "1"}}), Catch::Contains("retention.ms"));
  CHECK_THROWS_AS(
      local::check_spec({.topic = TopicName{"a/b"}, .partitions = 1, .replication = -1, .config = {}}),
      Error);
  CHECK_THROWS_AS(
      local::check_spec({.topic = TopicName{"a"}, .partitions = 0, .replication = -1, .config = {}}), Error);
}

TEST_CASE("known topics are made as the table has them", "[transport]") {
  CHECK(default_spec(TopicName{"beats-events"}).partitions == 3);
  CHECK(default_spec(TopicName{"beats-events"}).config.at("retention.ms") == "604800000");
  CHECK(default_spec(TopicName{"ai.responses"}).partitions == 6);
  CHECK(default_spec(TopicName{"business.analytics"}).config.at("cleanup.policy") == "compact,delete");
  CHECK(default_spec(TopicName{"analytics-dlq"}).config.at("retention.ms") == "-1");
  CHECK(default_spec(TopicName{"analytics-dlq-state"}).config ==
        std::map<std::string, std::string>{{"cleanup.policy", "compact"}});
  CHECK(default_spec(TopicName{"somebody-state"}).config.empty());
  CHECK(default_spec(TopicName{"anything"}).partitions == 1);
}

TEST_CASE("lists of topics and partitions survive as text", "[transport]") {
  const std::vector<std::string> lines = {"a", "", "^b c$"};
  CHECK(log::lines_of(log::text_of(lines)) == lines);
  const std::vector<TopicPartition> partitions = {{TopicName{"a"}, Partition{0}},
                                                  {TopicName{"b.c"}, Partition{12}}};
  CHECK(log::partitions_of(log::text_of(partitions)) == partitions);
  CHECK(log::partitions_of("").empty());
  CHECK_THROWS_AS(log::partitions_of("nonsense\n"), Error);
}

}  // namespace kbeat::transport
