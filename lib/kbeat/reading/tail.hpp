// The last records of a topic, over all its partitions.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

#include "kbeat/transport/transport.hpp"

namespace kbeat::reading {

struct TailOptions {
  std::uint64_t count = 10;
  std::string client_id = "kbeat-tail";
  Milliseconds timeout{30'000};  ///< without any progress
  /// Only these records count; nothing: all.
  std::function<bool(const RecordView&)> wanted{};
};

/// The last `count` wanted records before `ends` (in the order of `partitions`) by timestamp, oldest first;
/// records of one partition stay in its order. Reads back from the ends in growing steps, since offsets have
/// holes and wanted records may be rare. Throws Error{timed_out}, Error{interrupted}, and what the transport
/// throws.
[[nodiscard]] std::vector<Record> read_tail(transport::Transport& transport,
                                            std::span<const TopicPartition> partitions,
                                            std::span<const Offset> ends, const TailOptions& options,
                                            std::stop_token stop);

}  // namespace kbeat::reading
