// Positions within a batch's transaction: fenced by their epoch, advanced with what was finished.
#pragma once

#include <cstdint>
#include <optional>

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/store/outcomes.hpp"

namespace kbeat::store {

/// A partition that the batch still owns, as its row stood before the batch.
struct OwnedPartition {
  std::int64_t id = 0;
  std::int64_t incarnation = 0;
  std::optional<std::int64_t> next;
  std::optional<std::int64_t> last_finished;  ///< the highest offset noted as finished ahead of `next`
};

/// For one thread, with its database; each call within a transaction.
class ProgressRows {
 public:
  explicit ProgressRows(sqlite::Database& database);

  /// Nothing when another process took the partition over.
  [[nodiscard]] std::optional<OwnedPartition> find_owned(const Scope& scope, const Progress& progress);
  /// True when the record was finished by an earlier batch.
  [[nodiscard]] bool is_finished(const OwnedPartition& partition, Offset offset);
  /// Remembers a record that finished before its forerunners.
  void note_finished(const OwnedPartition& partition, Offset offset);
  /// Moves `next` up to the progress's, never down.
  void advance(const OwnedPartition& partition, const Progress& progress, WallTime now);

 private:
  sqlite::Statement m_find;
  sqlite::Statement m_is_finished;
  sqlite::Statement m_note_finished;
  sqlite::Statement m_advance;
  sqlite::Statement m_forget_finished;
};

}  // namespace kbeat::store
