// Kafka or the embedded log.
#include "kbeat/config/transport_choice.hpp"

#include <catch2/catch.hpp>

using namespace kbeat::config;

namespace {

struct Choice {
  TransportDecision decision;
  std::vector<std::string> brokers;
};

Choice choose(const std::string& transport, const std::string& enabled, std::vector<std::string> brokers) {
  KafkaInputs inputs;
  inputs.transport = transport;
  inputs.enabled = enabled;
  TransportSettings settings;
  settings.data_dir = "/data";
  settings.kafka.brokers = std::move(brokers);
  const TransportDecision decision = choose_transport(inputs, settings);
  return {decision, settings.kafka.brokers};
}

}  // namespace

TEST_CASE("auto takes Kafka when brokers are named or Kafka is enabled", "[config]") {
  CHECK(choose("auto", "", {"a:1"}).decision.choice == TransportChoice::kafka);
  const Choice enabled = choose("auto", "true", {});
  CHECK(enabled.decision.choice == TransportChoice::kafka);
  CHECK(enabled.brokers == std::vector<std::string>{"localhost:9092"});
  CHECK(enabled.decision.notice.empty());
}

TEST_CASE("auto without any word about Kafka takes the embedded log and says so", "[config]") {
  const Choice choice = choose("auto", "", {});
  CHECK(choice.decision.choice == TransportChoice::embedded);
  CHECK_THAT(choice.decision.notice, Catch::Contains("embedded log in /data"));
}

TEST_CASE("Kafka switched off wins over brokers, and loses to an explicit transport", "[config]") {
  const Choice off = choose("auto", "false", {"a:1"});
  CHECK(off.decision.choice == TransportChoice::embedded);
  CHECK_THAT(off.decision.notice, Catch::Contains("ENABLE_KAFKA=false"));
  CHECK(choose("kafka", "false", {}).decision.choice == TransportChoice::kafka);
  CHECK(choose("embedded", "true", {"a:1"}).decision.choice == TransportChoice::embedded);
  CHECK(choose("embedded", "true", {"a:1"}).decision.notice.empty());
}
