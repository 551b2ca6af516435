// Decides where a partition is read from: the store's position, the broker's, or the first start's policy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kbeat/store/positions.hpp"
#include "kbeat/transport/consumer.hpp"

namespace kbeat::pipeline {

/// Who wrote a committed position: `kbeat/1 <store id> <generation>` in its metadata.
struct CommitMark {
  std::string store_id;
  std::int64_t generation = 0;
};

[[nodiscard]] std::string to_metadata(const CommitMark& mark);
/// Nothing for metadata that kbeat did not write.
[[nodiscard]] std::optional<CommitMark> parse_metadata(std::string_view metadata);

enum class StartReason {
  first_start,       ///< nobody has a position: ask the policy
  stored,            ///< the store's position stands
  broker_newer,      ///< another store of the group went further, or this store knows nothing yet
  reset_elsewhere,   ///< another tool moved the group: honoured as a new generation
  store_rolled_back  ///< the broker holds a later mark of this very store: the store was restored from a copy
};

/// `next` is empty for first_start. `generation` is what to write with it.
struct StartDecision {
  StartReason reason = StartReason::first_start;
  std::optional<Offset> next;
  std::int64_t generation = 1;
};

/// A new generation is max(own + 1, now in ms), so that it outranks whatever other hosts have.
[[nodiscard]] std::int64_t new_generation(std::int64_t own, WallTime now);

[[nodiscard]] StartDecision decide_start(const store::StoredPosition& stored,
                                         const std::optional<transport::CommittedPosition>& committed,
                                         std::string_view store_id, WallTime now);

}  // namespace kbeat::pipeline
