// Where a group stands in each partition, as the store knows it: the truth that the broker's commit copies.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "kbeat/model/record.hpp"

namespace kbeat::store {

/// Whose positions and marks: one group on one cluster.
struct Scope {
  std::string cluster;
  GroupId group;
};

/// What is kept of the last handled record below `next` (next - 1 unless control or compacted records lie
/// between), to notice a topic that was made anew.
struct RecordMark {
  Offset offset;
  WallTime timestamp;
  std::string hash;  ///< SHA-256 of key and value, raw bytes
  bool operator==(const RecordMark&) const = default;
};

/// One row of `positions`. `epoch` fences former owners; `generation` rises with each reset;
/// `incarnation` rises when the topic was made anew.
struct StoredPosition {
  TopicPartition partition;
  std::optional<Offset> next;  ///< nothing: claimed, never started
  std::int64_t generation = 0;
  std::int64_t epoch = 0;
  std::int64_t incarnation = 0;
  std::optional<RecordMark> mark{};
  std::set<std::int64_t> finished{};  ///< offsets at or above `next` that are finished already
};

/// Why a position is set from outside the flow of records.
enum class PositionChange { first_start, reset, gap_skipped, topic_made_anew, advance };

class PositionStore {
 public:
  PositionStore() = default;
  PositionStore(const PositionStore&) = delete;
  PositionStore& operator=(const PositionStore&) = delete;
  virtual ~PositionStore() = default;

  /// The store's own id, made with it, never changed.
  [[nodiscard]] virtual std::string store_id() = 0;

  /// Makes `owner` (process id and start, unique) the owner of these partitions and returns their rows in
  /// the order given. The epoch is raised unless the row still names this owner and `keep_epoch` is set.
  [[nodiscard]] virtual std::vector<StoredPosition> claim(const Scope& scope,
                                                          std::span<const TopicPartition> partitions,
                                                          const std::string& owner, bool keep_epoch) = 0;

  /// Writes `position.next` with its generation and incarnation (fenced by its epoch); drops finished
  /// offsets unless it only advances. gap_skipped also writes a row to `gaps`. Throws Error{fenced}.
  virtual void set(const Scope& scope, const StoredPosition& position, PositionChange change) = 0;

  /// Where the group begins partitions that it never had, before anybody claims them. Those that have a
  /// position stay as they are.
  virtual void foresee(const Scope& scope, std::span<const Position> starts) = 0;

  /// The clusters in which the group ever had a position in any partition of the topic.
  [[nodiscard]] virtual std::vector<std::string> clusters_of(const GroupId& group,
                                                             const TopicName& topic) = 0;

  /// Rows as they are, without claiming; partitions without a row are left out.
  [[nodiscard]] virtual std::vector<StoredPosition> read(const Scope& scope) = 0;
};

}  // namespace kbeat::store
