// Which part of a topic is read: from where, up to where, by offset and by time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "kbeat/model/record.hpp"
#include "kbeat/transport/admin.hpp"

namespace kbeat::reading {

enum class BoundKind { earliest, latest, stored, offset, last, time };

/// `value`: the offset, how many records before the end (last), or milliseconds since 1970 (time: the first
/// record of the log at or after it).
struct Bound {
  BoundKind kind = BoundKind::earliest;
  std::int64_t value = 0;
  bool operator==(const Bound&) const = default;
};

/// Nothing: where the command begins by default, or no end.
struct Bounds {
  std::optional<Bound> begin;  ///< before an end or `until`: the log's beginning
  std::optional<Bound> end;    ///< the first that is not read
  bool operator==(const Bounds&) const = default;
};

struct ReadRange {
  Bounds everywhere;
  std::map<int, Bounds> of_partition;  ///< instead of `everywhere`
  /// Only records stamped at or after `since` and before `until`, wherever they lie: stamps need not rise
  /// with the offsets.
  std::optional<WallTime> since;
  std::optional<WallTime> until;

  [[nodiscard]] const Bounds& of(Partition partition) const;
  [[nodiscard]] bool holds(const RecordView& record) const;
  /// Stamped at or after `until`.
  [[nodiscard]] bool is_too_new(const RecordView& record) const;
  /// Partitions that have bounds of their own.
  [[nodiscard]] std::vector<int> placed() const;
  /// True when some partition begins at a stored position.
  [[nodiscard]] bool needs_group() const;
};

/// Absolute offsets of a partition; without `end` it is read for ever.
struct Stretch {
  Offset begin;
  std::optional<Offset> end;
};

/// In the order of `partitions`. `fallback` is for a partition without a begin of its own; `stored` counts as
/// earliest. A begin past the log's end is left as it is: the consumer then says what is there.
[[nodiscard]] std::vector<Stretch> resolve(const ReadRange& range, const Bound& fallback,
                                           std::span<const TopicPartition> partitions,
                                           transport::OffsetAdmin& offsets);

}  // namespace kbeat::reading
