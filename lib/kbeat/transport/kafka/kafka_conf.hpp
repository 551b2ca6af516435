// Turns properties into a librdkafka configuration, and shows what a client would be configured with.
#pragma once

#include <string>

#include "kbeat/transport/kafka/client_properties.hpp"

struct rd_kafka_conf_s;

namespace kbeat::transport {

/// Made and owned as a ConfHandle. Throws Error{configuration} naming the property that librdkafka refuses;
/// the value of a secret is never repeated.
[[nodiscard]] rd_kafka_conf_s* new_conf(const Properties& properties);

/// What `-X dump` shows: every property of a consumer or producer made from `settings`, sorted by name,
/// secrets masked. Throws Error{configuration} as above.
[[nodiscard]] Properties effective_consumer_properties(const config::KafkaSettings& settings);
[[nodiscard]] Properties effective_producer_properties(const config::KafkaSettings& settings);

/// What `-X list` shows: librdkafka's own table of its properties.
[[nodiscard]] std::string property_table();

}  // namespace kbeat::transport
