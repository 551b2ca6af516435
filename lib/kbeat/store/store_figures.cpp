// Counts over the tables, all of one state.
#include "kbeat/store/store_figures.hpp"

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/column_times.hpp"
#include "kbeat/store/outbox.hpp"
#include "kbeat/store/store_schema.hpp"

namespace kbeat::store {
namespace {

template <typename... Values>
std::int64_t count(sqlite::Database& database, std::string_view sql, const Values&... values) {
  sqlite::Statement statement(database, sql);
  sqlite::Rows rows = statement.query(values...);
  return rows.next() ? rows.integer(0) : 0;
}

std::vector<GroupProgress> read_progress(sqlite::Database& database) {
  std::vector<GroupProgress> all;
  sqlite::Statement statement(database,
                              "SELECT cluster, group_id, topic, partition, next FROM positions "
                              "WHERE next IS NOT NULL ORDER BY cluster, group_id, topic, partition");
  sqlite::Rows rows = statement.query();
  while (rows.next()) {
    all.push_back({.cluster = std::string(rows.bytes(0)),
                   .group = std::string(rows.bytes(1)),
                   .partition = {TopicName(std::string(rows.bytes(2))),
                                 Partition(static_cast<std::int32_t>(rows.integer(3)))},
                   .next = Offset(rows.integer(4))});
  }
  return all;
}

}  // namespace

StoreFigures read_figures(const std::filesystem::path& data_dir, WallTime since) {
  const auto database = open_store_file(data_dir, OpenMode::read_only);
  const sqlite::ReadTransaction same_state(*database);
  StoreFigures figures;
  constexpr std::string_view k_outbox = "SELECT count(*) FROM outbox WHERE state = ?";
  figures.outbox_waiting = count(*database, k_outbox, static_cast<int>(OutboxState::waiting));
  figures.outbox_parked = count(*database, k_outbox, static_cast<int>(OutboxState::parked));
  figures.dead_letters = count(*database, "SELECT count(*) FROM dead_letters");
  figures.recent_dead_letters =
      count(*database, "SELECT count(*) FROM dead_letters WHERE failed_at >= ?", to_column(since));
  figures.unsent_notifications =
      count(*database, "SELECT count(*) FROM notifications WHERE sent_status = 'unsent'");
  figures.progress = read_progress(*database);
  return figures;
}

}  // namespace kbeat::store
