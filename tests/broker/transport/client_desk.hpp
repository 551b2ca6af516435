// What the broker tests of the Kafka transport share: clients of the broker in KBEAT_TEST_BROKER.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kbeat/transport/kafka/kafka_transport.hpp"

namespace kbeat::broker {

using namespace transport;

/// The value of a variable that the driver of these tests sets; fails the case when it is missing.
[[nodiscard]] std::string required(const char* variable);

/// Clients of `bootstrap` with the given properties.
[[nodiscard]] KafkaTransport client_of(const std::string& bootstrap,
                                       std::vector<std::pair<std::string, std::string>> properties = {});
[[nodiscard]] KafkaTransport client();

/// A new topic that no other case uses.
[[nodiscard]] TopicName make_topic(Transport& transport, int partitions = 1);

[[nodiscard]] Record record_of(const TopicName& topic, std::string value, int partition = 0);

/// Sends all and returns the reports by tag; fails the case unless each record gets one within 30 s.
[[nodiscard]] std::vector<Delivery> send_all(Producer& producer, const std::vector<Record>& records);

/// Polls until `done` sees what it waits for; fails the case after 30 s.
void poll_until(Consumer& consumer, const std::function<bool(const ConsumerEvent&)>& done);

}  // namespace kbeat::broker
