// Where a replay stands: for each part of its source what comes next and where it ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/model/record.hpp"
#include "kbeat/store/positions.hpp"

namespace kbeat::replay {

/// One partition, or the lines of a file, or the rows of the archive.
struct CursorPart {
  TopicPartition partition;
  Offset next;
  std::optional<Offset> end;  ///< the first that is not replayed; nothing: not known beforehand
  /// Of the last record that was read below `next`. Of a checkpoint it has the beginning of the hash only.
  std::optional<store::RecordMark> mark{};
  bool operator==(const CursorPart&) const = default;
};

using Cursor = std::vector<CursorPart>;

/// What a checkpoint says: `plan` tells one replay's source and choice from another's.
struct Checkpoint {
  std::string plan;
  Cursor cursor;
  std::uint64_t sent = 0;
};

/// `kbeat-replay/1 PLAN SENT NEXT-END~BACK.STAMP.HASH,…`, without the names of partitions: the plan implies
/// them. Marks are left out where there is no room for them. Throws Error{unsupported} when it exceeds what a
/// broker keeps with an offset (4 KiB) even so.
[[nodiscard]] std::string to_metadata(const Checkpoint& checkpoint);

/// Puts the positions of `metadata` into `plan`, the cursor of the same source. Nothing for metadata that is
/// not a replay's. Throws Error{usage} when it is that of another plan.
[[nodiscard]] std::optional<Checkpoint> read_metadata(std::string_view metadata, const Checkpoint& plan);

}  // namespace kbeat::replay
