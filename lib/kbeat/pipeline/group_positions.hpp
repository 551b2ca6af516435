// Where a group stands against its topics' ends, and where a reset would put it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/transport/admin.hpp"

namespace kbeat::pipeline {

/// One partition of a group, with the log's bounds.
struct GroupPosition {
  TopicPartition partition;
  std::optional<Offset> committed;
  Offset earliest;
  Offset latest;
};

/// Partitions of the topics named, or of all in which the group committed something. Throws
/// Error{not_found} for a topic that does not exist.
[[nodiscard]] std::vector<GroupPosition> group_positions(transport::TopicAdmin& topics,
                                                         transport::OffsetAdmin& offsets,
                                                         const GroupId& group,
                                                         std::span<const std::string> names);

/// Where a reset goes to: `earliest`, `latest`, an offset, RFC 3339, or a span back from now such as `2h`;
/// with `shift` relative to what is committed. Results lie within the log's bounds.
struct ResetTarget {
  std::string to;
  std::optional<std::int64_t> shift;
};

/// In the order of `positions`. Throws Error{usage} for a target that is none of these.
[[nodiscard]] std::vector<Offset> reset_offsets(std::span<const GroupPosition> positions,
                                                const ResetTarget& target, transport::OffsetAdmin& offsets,
                                                WallTime now);

}  // namespace kbeat::pipeline
