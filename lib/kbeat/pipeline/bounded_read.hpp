// Reads topics from their beginning, or from where a reader stands, to the end that they have now.
#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>

#include "kbeat/transport/transport.hpp"

namespace kbeat::pipeline {

struct BoundedReadOptions {
  std::string client_id = "kbeat-read";
  Milliseconds timeout{30'000};  ///< without any progress
  /// Where each partition begins; one that is not named begins at its first record.
  std::map<Partition, Offset> from{};
};

/// Where each partition of a topic ended.
using Ends = std::map<Partition, Offset>;

/// Hands every committed record of the topic to `sink`, partition by partition in offset order, up to the
/// last stable offset at the call, which is returned. Counts positions, so markers, aborted and compacted
/// records do not hold it; records that retention removes meanwhile are passed over. Throws
/// Error{not_found} for a missing topic, {timed_out}, {interrupted}, and what the transport throws.
Ends read_to_end(transport::Transport& transport, const TopicName& topic, const BoundedReadOptions& options,
                 std::stop_token stop, const std::function<void(const RecordView&)>& sink);

}  // namespace kbeat::pipeline
