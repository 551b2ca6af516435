// Positions within a batch's transaction: fenced by their epoch, advanced with what was finished.
#include "kbeat/store/progress_rows.hpp"

#include "kbeat/store/column_times.hpp"

namespace kbeat::store {

ProgressRows::ProgressRows(sqlite::Database& database)
    : m_find(
          database,
          "SELECT id, incarnation, next, (SELECT max(offset) FROM finished WHERE position = id) "
          "FROM positions WHERE cluster = ? AND group_id = ? AND topic = ? AND partition = ? AND epoch = ?"),
      m_is_finished(database, "SELECT 1 FROM finished WHERE position = ? AND offset = ?"),
      m_note_finished(database, "INSERT OR IGNORE INTO finished(position, offset) VALUES(?, ?)"),
      m_advance(
          database,
          "UPDATE positions SET next = max(coalesce(next, ?1), ?1), mark_offset = coalesce(?2, mark_offset), "
          "mark_timestamp = coalesce(?3, mark_timestamp), mark_hash = coalesce(?4, mark_hash), "
          "updated_at = ?5 WHERE id = ?6"),
      m_forget_finished(database, "DELETE FROM finished WHERE position = ? AND offset < ?") {}

std::optional<OwnedPartition> ProgressRows::find_owned(const Scope& scope, const Progress& progress) {
  sqlite::Rows row = m_find.query(scope.cluster, scope.group.get(), progress.partition.topic.get(),
                                  progress.partition.partition.get(), progress.epoch);
  if (!row.next()) return std::nullopt;
  return OwnedPartition{.id = row.integer(0),
                        .incarnation = row.integer(1),
                        .next = row.optional_integer(2),
                        .last_finished = row.optional_integer(3)};
}

bool ProgressRows::is_finished(const OwnedPartition& partition, Offset offset) {
  if (partition.next && offset.get() < *partition.next) return true;
  if (!partition.last_finished || offset.get() > *partition.last_finished) return false;
  return m_is_finished.query(partition.id, offset.get()).next();
}

void ProgressRows::note_finished(const OwnedPartition& partition, Offset offset) {
  m_note_finished.run(partition.id, offset.get());
}

void ProgressRows::advance(const OwnedPartition& partition, const Progress& progress, WallTime now) {
  const auto& mark = progress.mark;
  m_advance.run(progress.next.get(), mark ? std::optional(mark->offset.get()) : std::nullopt,
                mark ? std::optional(to_column(mark->timestamp)) : std::nullopt,
                mark ? std::optional(sqlite::Blob{mark->hash}) : std::nullopt, to_column(now), partition.id);
  m_forget_finished.run(partition.id, progress.next.get());
}

}  // namespace kbeat::store
