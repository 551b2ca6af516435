// The tables of an embedded log (docs/formats/embedded-log.md).
#pragma once

#include "kbeat/sqlite/migrations.hpp"
#include "kbeat/transport/local/ledger.hpp"

namespace kbeat::transport::log {

/// "KBLG", in the file's header.
inline constexpr std::int32_t k_application_id = 0x4b424c47;

/// Makes the tables, or brings those of an older version up to date.
void prepare_log(sqlite::Database& database);

/// A time as it is stored.
[[nodiscard]] std::int64_t milliseconds(WallTime time);

/// A batch's primary key: the partition in the upper bits, its base offset below, so that the batches of
/// a partition lie together in the order of their offsets, found without a second index.
[[nodiscard]] std::int64_t place_of(local::PartitionKey partition, Offset base);
[[nodiscard]] Offset base_of(std::int64_t place);

/// The places that a partition's batches can have, both ends included.
struct PlaceRange {
  std::int64_t first;
  std::int64_t last;
};
[[nodiscard]] PlaceRange places_of(local::PartitionKey partition);

}  // namespace kbeat::transport::log
