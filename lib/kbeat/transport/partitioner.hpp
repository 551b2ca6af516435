// Which partition a record goes to, the same on every transport.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kbeat/model/record.hpp"

namespace kbeat::transport {

/// The 32-bit murmur2 of Kafka's Java clients (seed 0x9747b28c), by Austin Appleby, 2008.
[[nodiscard]] std::uint32_t murmur2(std::string_view bytes);

/// The partition of a key among `count` > 0 partitions, as Java clients choose it. An empty key is a key.
[[nodiscard]] Partition partition_of_key(std::string_view key, std::int32_t count);

/// By key, or spread evenly without one: `dice` is any number that changes from record to record.
[[nodiscard]] Partition choose_partition(std::optional<std::string_view> key, std::int32_t count,
                                         std::uint64_t dice);

}  // namespace kbeat::transport
