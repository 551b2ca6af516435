// Kafka for the contract suite, at the address in KBEAT_TEST_BROKER.
#pragma once

#include <memory>
#include <string>

#include "contract/under_test.hpp"

namespace kbeat::contract {

/// Throws std::runtime_error when KBEAT_TEST_BROKER is not set.
[[nodiscard]] std::unique_ptr<TransportUnderTest> open_kafka_under_test();

/// The transport behind an address that open_kafka_under_test gave out; null for any other.
[[nodiscard]] std::unique_ptr<Transport> open_kafka_for_process(const std::string& address);

}  // namespace kbeat::contract
