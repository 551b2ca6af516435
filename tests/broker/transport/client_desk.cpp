// Clients, topics and waiting for the broker tests of the Kafka transport.
#include "broker/transport/client_desk.hpp"

#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>

namespace kbeat::broker {
namespace {

constexpr Milliseconds k_patience{30'000};

}  // namespace

std::string required(const char* variable) {
  const char* value = std::getenv(variable);
  INFO("test_transport.py sets " << variable);
  REQUIRE(value != nullptr);
  return value;
}

KafkaTransport client_of(const std::string& bootstrap,
                         std::vector<std::pair<std::string, std::string>> properties) {
  config::KafkaSettings settings;
  settings.brokers = {bootstrap};
  settings.properties = std::move(properties);
  return {settings, "kbeat-broker-tests"};
}

KafkaTransport client() {
  return client_of(required("KBEAT_TEST_BROKER"));
}

TopicName make_topic(Transport& transport, int partitions) {
  static std::atomic<int> count{0};
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  TopicName topic{"transport." + std::to_string(getpid()) + "." + std::to_string(now) + "." +
                  std::to_string(++count)};
  transport.make_topic_admin(k_patience)
      ->create({.topic = topic, .partitions = partitions, .replication = -1, .config = {}});
  return topic;
}

Record record_of(const TopicName& topic, std::string value, int partition) {
  Record record;
  record.topic = topic;
  record.partition = Partition{partition};
  record.value = std::move(value);
  return record;
}

std::vector<Delivery> send_all(Producer& producer, const std::vector<Record>& records) {
  std::vector<Delivery> reports;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const RecordLoan loan(records[i]);
    while (producer.send(loan.view(), i) == Accepted::queue_full) producer.poll(Milliseconds{100}, reports);
  }
  producer.flush(k_patience, reports);
  REQUIRE(producer.pending() == 0);
  REQUIRE(reports.size() == records.size());
  std::vector<Delivery> sorted(records.size());
  for (Delivery& report : reports) sorted.at(report.tag) = report;
  return sorted;
}

void poll_until(Consumer& consumer, const std::function<bool(const ConsumerEvent&)>& done) {
  const auto deadline = std::chrono::steady_clock::now() + k_patience;
  while (!done(consumer.poll(Milliseconds{100}))) REQUIRE(std::chrono::steady_clock::now() < deadline);
}

}  // namespace kbeat::broker
