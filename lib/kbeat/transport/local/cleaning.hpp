// Which stored batches retention drops, and which records compaction drops.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

#include "kbeat/transport/local/batch_codec.hpp"
#include "kbeat/transport/local/topic_state.hpp"

namespace kbeat::transport::local {

/// What retention needs to know of a batch.
struct BatchAge {
  Offset base;
  Offset last;
  WallTime newest;  ///< the highest timestamp in it
  std::int64_t bytes = 0;
};

/// How many of the first batches are past the time or size limit. `total_bytes` is of all batches of the
/// partition, of which `oldest` are the first.
[[nodiscard]] std::size_t count_expired(std::span<const BatchAge> oldest, std::int64_t total_bytes,
                                        const TopicRules& rules, WallTime now);

/// Remembers the last offset of each key. Bounded: when full it takes in no more batches, and what comes
/// later is left to the next run.
class KeyMap {
 public:
  enum class Took { yes, is_full };
  Took take(const RecordBatch& batch);

  /// Whether the record stays: the last of its key, or one that the map did not see, and no tombstone
  /// older than its time.
  [[nodiscard]] bool keeps(const RecordView& record, const TopicRules& rules, WallTime now) const;

 private:
  std::unordered_map<std::string, Offset> m_last;
};

/// The batch as compaction leaves it; nothing when it stays as it is.
[[nodiscard]] std::optional<StoredBatch> compacted(const StoredBatch& batch, const KeyMap& keys,
                                                   const TopicRules& rules, WallTime now);

}  // namespace kbeat::transport::local
