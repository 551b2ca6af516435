// Which properties a Kafka client gets, who wins, and what is never shown.
#include "kbeat/transport/kafka/client_properties.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "kbeat/base/error.hpp"
#include "kbeat/transport/kafka/kafka_conf.hpp"
#include "kbeat/transport/kafka/kafka_secrets.hpp"
#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::transport;

namespace {

config::KafkaSettings with(Properties properties) {
  config::KafkaSettings settings;
  settings.brokers = {"broker-1:9092", "broker-2:9092"};
  settings.properties = std::move(properties);
  return settings;
}

std::map<std::string, std::string> as_map(const Properties& properties) {
  std::map<std::string, std::string> map;
  for (const auto& [name, value] : properties) map[name] = value;
  return map;
}

}  // namespace

TEST_CASE("a consumer never commits, stores or resets offsets by itself", "[transport][kafka]") {
  const auto settings = with({{"enable.auto.commit", "true"},
                              {"auto.offset.reset", "latest"},
                              {"enable.auto.offset.store", "true"},
                              {"group.id", "theirs"}});
  ConsumerOptions options;
  options.group = GroupId{"ours"};
  auto properties = as_map(consumer_properties(settings, options));
  CHECK(properties["enable.auto.commit"] == "false");
  CHECK(properties["enable.auto.offset.store"] == "false");
  CHECK(properties["auto.offset.reset"] == "error");
  CHECK(properties["group.id"] == "ours");
  CHECK(properties["bootstrap.servers"] == "broker-1:9092,broker-2:9092");
}

TEST_CASE("a user's property replaces the default of the house and of the preset", "[transport][kafka]") {
  auto settings = with({{"linger.ms", "7"}, {"session.timeout.ms", "20000"}});
  settings.preset = config::Preset::throughput;
  const auto producer = as_map(effective_producer_properties(settings));
  CHECK(producer.at("queue.buffering.max.ms") == "7");
  CHECK(producer.at("compression.codec") == "lz4");
  CHECK(as_map(effective_consumer_properties(settings)).at("session.timeout.ms") == "20000");
}

TEST_CASE("a producer is idempotent with all acknowledgements unless the user wants fewer",
          "[transport][kafka]") {
  auto usual = as_map(effective_producer_properties(with({})));
  CHECK(usual["enable.idempotence"] == "true");
  CHECK(usual["request.required.acks"] == "-1");
  CHECK(usual["partitioner"] == "murmur2_random");
  const auto settings = with({{"acks", "1"}});
  CHECK(asks_for_fewer_acks(settings));
  auto fewer = as_map(effective_producer_properties(settings));
  CHECK(fewer["enable.idempotence"] == "false");
  CHECK(fewer["request.required.acks"] == "1");
  CHECK_FALSE(asks_for_fewer_acks(with({{"acks", "1"}, {"acks", "all"}})));
}

TEST_CASE("a transaction's records never wait longer than the transaction", "[transport][kafka]") {
  ProducerOptions options;
  options.transactional_id = "kbeat.dlq.letters";
  options.transaction_timeout = Milliseconds{9000};
  options.message_timeout = Milliseconds{0};
  auto properties = as_map(producer_properties(with({}), options));
  CHECK(properties["message.timeout.ms"] == "9000");
  CHECK(properties["transaction.timeout.ms"] == "9000");
}

TEST_CASE("a wrong property is refused by its name", "[transport][kafka]") {
  const auto unknown = test::thrown_by([] {
    (void)effective_producer_properties(with({{"no.such.thing", "1"}}));
  });
  REQUIRE(unknown.has_value());
  CHECK(unknown->code() == ErrorCode::configuration);
  CHECK_THAT(unknown->what(), Catch::Contains("\"no.such.thing\""));
  const auto wrong = test::thrown_by([] {
    (void)effective_producer_properties(with({{"linger.ms", "soon"}}));
  });
  REQUIRE(wrong.has_value());
  CHECK_THAT(wrong->what(), Catch::Contains("\"linger.ms\""));
}

TEST_CASE("secrets are masked in the dump and hidden in texts", "[transport][kafka]") {
  const auto settings = with({{"sasl.username", "alice"}, {"sasl.password", "wonder-secret"}});
  for (const auto& [name, value] : effective_consumer_properties(settings)) {
    INFO(name);
    CHECK(value.find("wonder-secret") == std::string::npos);
  }
  CHECK(as_map(effective_consumer_properties(settings)).at("sasl.password") == "***");
  CHECK(as_map(effective_consumer_properties(settings)).at("sasl.username") == "alice");
  const Secrets secrets(settings.properties);
  CHECK(secrets.hide("login with wonder-secret failed (wonder-secret)") == "login with *** failed (***)");
  const Secrets tiny(with({{"sasl.password", "p"}}).properties);
  CHECK(tiny.hide("sasl_plaintext: no") == "sasl_plaintext: no");
}

TEST_CASE("reserved properties say why they do not count", "[transport][kafka]") {
  CHECK_FALSE(why_reserved("enable.auto.commit").empty());
  CHECK_FALSE(why_reserved("group.id").empty());
  CHECK(why_reserved("linger.ms").empty());
}

TEST_CASE("the table of properties is librdkafka's", "[transport][kafka]") {
  const std::string table = property_table();
  CHECK_THAT(table, Catch::Contains("bootstrap.servers"));
  CHECK_THAT(table, Catch::Contains("sasl.mechanism"));
}
