// Makes a store smaller: what is old and needed by nobody goes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/sqlite/database.hpp"

namespace kbeat::store {

/// How long each kind is kept; kinds without a span are left alone.
struct PruneSpans {
  Milliseconds dedupe_marks{std::chrono::hours(24 * 30)};
  std::optional<Milliseconds> events;
  std::optional<Milliseconds> sent_notifications;
};

/// Rows of one table that are, or would be, removed.
struct PrunedTable {
  std::string table;
  std::int64_t rows = 0;
};

/// What `prune` would remove now; marks that letters or owed records need are counted too.
[[nodiscard]] std::vector<PrunedTable> plan_prune(sqlite::Database& database, const PruneSpans& spans,
                                                  WallTime now);

/// Removes it in short transactions and gives the room back to the disk.
[[nodiscard]] std::vector<PrunedTable> prune(sqlite::Database& database, const PruneSpans& spans,
                                             WallTime now);

}  // namespace kbeat::store
