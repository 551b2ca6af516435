// The loaded librdkafka, and which of its former faults are worked around.
#pragma once

#include "kbeat/base/library_facts.hpp"

namespace kbeat::transport {

// Versions from which on something is there or mended, as rd_kafka_version() gives them.
inline constexpr int k_rdkafka_2_2_0 = 0x020200ff;
inline constexpr int k_rdkafka_2_3_0 = 0x020300ff;
inline constexpr int k_rdkafka_2_6_1 = 0x020601ff;
inline constexpr int k_rdkafka_2_10_1 = 0x020a01ff;

[[nodiscard]] LibraryFacts kafka_facts();

}  // namespace kbeat::transport
