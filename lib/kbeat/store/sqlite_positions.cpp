// Positions of groups as rows.
#include "kbeat/store/sqlite_positions.hpp"

#include <fmt/format.h>

#include <limits>

#include "kbeat/base/error.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/column_times.hpp"

namespace kbeat::store {
namespace {

constexpr std::string_view k_position_columns =
    "SELECT id, topic, partition, next, generation, epoch, incarnation, mark_offset, mark_timestamp, "
    "mark_hash "
    "FROM positions WHERE cluster = ? AND group_id = ?";

std::int64_t now() {
  return to_column(SystemClock().now());
}

std::optional<RecordMark> read_mark(const sqlite::Rows& row) {
  if (row.is_null(7)) return std::nullopt;
  return RecordMark{.offset = Offset(row.integer(7)),
                    .timestamp = from_column(row.integer(8)),
                    .hash = std::string(row.bytes(9))};
}

}  // namespace

SqlitePositions::SqlitePositions(sqlite::Database& database)
    : m_database(database),
      m_store_id(database, "SELECT value FROM meta WHERE name = 'store_id'"),
      m_claim(database,
              "INSERT INTO positions(cluster, group_id, topic, partition, owner, epoch, updated_at) "
              "VALUES(?1, ?2, ?3, ?4, ?5, 1, ?6) ON CONFLICT DO UPDATE SET owner = ?5, updated_at = ?6, "
              "epoch = epoch + (CASE WHEN ?7 AND owner = ?5 THEN 0 ELSE 1 END)"),
      m_one(database, fmt::format("{} AND topic = ? AND partition = ?", k_position_columns)),
      m_all(database, fmt::format("{} ORDER BY topic, partition", k_position_columns)),
      m_finished(database, "SELECT offset FROM finished WHERE position = ? ORDER BY offset"),
      m_set(database,
            "UPDATE positions SET next = CASE WHEN ?2 AND next > ?1 THEN next ELSE ?1 END, generation = ?3, "
            "incarnation = ?4, mark_offset = ?5, mark_timestamp = ?6, mark_hash = ?7, updated_at = ?8 "
            "WHERE cluster = ?9 AND group_id = ?10 AND topic = ?11 AND partition = ?12 AND epoch = ?13"),
      m_forget_finished(database,
                        "DELETE FROM finished WHERE offset < ? AND position = (SELECT id FROM positions "
                        "WHERE cluster = ? AND group_id = ? AND topic = ? AND partition = ?)"),
      m_gap(
          database,
          "INSERT INTO gaps(cluster, group_id, topic, partition, incarnation, first_lost, next, noticed_at) "
          "SELECT cluster, group_id, topic, partition, incarnation, next, ?5, ?6 FROM positions "
          "WHERE cluster = ?1 AND group_id = ?2 AND topic = ?3 AND partition = ?4"),
      m_forget_beats(
          database,
          "UPDATE beat_metrics SET origin_offset = -1 WHERE origin_topic = ? AND origin_partition = ?"),
      m_forget_metrics(
          database, "UPDATE metrics SET origin_offset = -1 WHERE origin_topic = ? AND origin_partition = ?"),
      m_foresee(
          database,
          "INSERT INTO positions(cluster, group_id, topic, partition, next, generation, owner, updated_at) "
          "VALUES(?, ?, ?, ?, ?, 1, '', ?) ON CONFLICT DO UPDATE SET next = excluded.next, generation = 1 "
          "WHERE next IS NULL"),
      m_clusters(
          database,
          "SELECT DISTINCT cluster FROM positions WHERE group_id = ? AND topic = ? AND next IS NOT NULL "
          "ORDER BY cluster") {}

std::string SqlitePositions::store_id() {
  sqlite::Rows rows = m_store_id.query();
  if (rows.next()) return std::string(rows.bytes(0));
  throw Error(ErrorCode::database,
              fmt::format("{} has no store id: restore a backup", m_database.path().string()));
}

std::vector<StoredPosition> SqlitePositions::claim(const Scope& scope,
                                                   std::span<const TopicPartition> partitions,
                                                   const std::string& owner, bool keep_epoch) {
  std::vector<StoredPosition> claimed;
  claimed.reserve(partitions.size());
  sqlite::Transaction transaction(m_database);
  for (const TopicPartition& partition : partitions) {
    const std::string& topic = partition.topic.get();
    const std::int32_t number = partition.partition.get();
    m_claim.run(scope.cluster, scope.group.get(), topic, number, owner, now(), keep_epoch);
    sqlite::Rows row = m_one.query(scope.cluster, scope.group.get(), topic, number);
    if (row.next()) claimed.push_back(read_row(row));
  }
  transaction.commit();
  return claimed;
}

void SqlitePositions::set(const Scope& scope, const StoredPosition& position, PositionChange change) {
  const std::string& group = scope.group.get();
  const std::string& topic = position.partition.topic.get();
  const std::int32_t number = position.partition.partition.get();
  std::optional<std::int64_t> next;
  if (position.next) next = position.next->get();
  const auto& mark = position.mark;
  sqlite::Transaction transaction(m_database);
  if (change == PositionChange::gap_skipped) note_gap(scope, position);
  const bool advances = change == PositionChange::advance;
  const std::int64_t changed = m_set.run(next, advances, position.generation, position.incarnation,
                                         mark ? std::optional(mark->offset.get()) : std::nullopt,
                                         mark ? std::optional(to_column(mark->timestamp)) : std::nullopt,
                                         mark ? std::optional(sqlite::Blob{mark->hash}) : std::nullopt, now(),
                                         scope.cluster, group, topic, number, position.epoch);
  if (changed == 0) {
    throw Error(ErrorCode::fenced, fmt::format("{} of group {} belongs to another process now",
                                               to_string(position.partition), group));
  }
  const std::int64_t forget_below = advances ? next.value_or(0) : std::numeric_limits<std::int64_t>::max();
  m_forget_finished.run(forget_below, scope.cluster, group, topic, number);
  if (change == PositionChange::topic_made_anew) forget_origin_offsets(position.partition);
  transaction.commit();
}

void SqlitePositions::foresee(const Scope& scope, std::span<const Position> starts) {
  sqlite::Transaction transaction(m_database);
  for (const Position& start : starts) {
    m_foresee.run(scope.cluster, scope.group.get(), start.partition.topic.get(),
                  start.partition.partition.get(), start.next.get(), now());
  }
  transaction.commit();
}

std::vector<std::string> SqlitePositions::clusters_of(const GroupId& group, const TopicName& topic) {
  std::vector<std::string> clusters;
  sqlite::Rows rows = m_clusters.query(group.get(), topic.get());
  while (rows.next()) clusters.emplace_back(rows.bytes(0));
  return clusters;
}

std::vector<StoredPosition> SqlitePositions::read(const Scope& scope) {
  std::vector<StoredPosition> positions;
  const sqlite::ReadTransaction same_state(m_database);
  sqlite::Rows rows = m_all.query(scope.cluster, scope.group.get());
  while (rows.next()) positions.push_back(read_row(rows));
  return positions;
}

StoredPosition SqlitePositions::read_row(const sqlite::Rows& row) {
  StoredPosition position;
  position.partition = {TopicName(std::string(row.bytes(1))),
                        Partition(static_cast<std::int32_t>(row.integer(2)))};
  if (const auto next = row.optional_integer(3)) position.next = Offset(*next);
  position.generation = row.integer(4);
  position.epoch = row.integer(5);
  position.incarnation = row.integer(6);
  position.mark = read_mark(row);
  sqlite::Rows finished = m_finished.query(row.integer(0));
  while (finished.next()) position.finished.insert(finished.integer(0));
  return position;
}

void SqlitePositions::note_gap(const Scope& scope, const StoredPosition& position) {
  if (!position.next) throw Error(ErrorCode::internal, "a skipped gap ends at no offset");
  m_gap.run(scope.cluster, scope.group.get(), position.partition.topic.get(),
            position.partition.partition.get(), position.next->get(), now());
}

// Offsets begin anew with the topic, so those of rows that stem from it say nothing any more; their
// timestamps still do.
void SqlitePositions::forget_origin_offsets(const TopicPartition& partition) {
  m_forget_beats.run(partition.topic.get(), partition.partition.get());
  m_forget_metrics.run(partition.topic.get(), partition.partition.get());
}

}  // namespace kbeat::store
