// One row a schedule; a run is a lease on it.
#include "kbeat/store/schedule_rows.hpp"

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/column_times.hpp"
#include "kbeat/store/store_schema.hpp"

namespace kbeat::store {
namespace {

std::optional<WallTime> optional_time(const sqlite::Rows& rows, int column) {
  const auto value = rows.optional_integer(column);
  return value ? std::optional(from_column(*value)) : std::nullopt;
}

ScheduleState read_schedule(const sqlite::Rows& rows) {
  return {.name = std::string(rows.bytes(0)),
          .last_due = optional_time(rows, 1),
          .last_ended = optional_time(rows, 2),
          .last_outcome = std::string(rows.bytes(3)),
          .last_error = std::string(rows.bytes(4)),
          .runs = rows.integer(5),
          .failures = rows.integer(6),
          .skipped = rows.integer(7),
          .running_until = optional_time(rows, 8)};
}

constexpr std::string_view k_select =
    "SELECT name, last_due, last_ended, last_outcome, last_error, runs, failures, skipped, running_until "
    "FROM schedules WHERE ?1 IS NULL OR name = ?1 ORDER BY name";

}  // namespace

ScheduleRows::ScheduleRows(const std::filesystem::path& data_dir)
    : m_database(open_store_file(data_dir, OpenMode::read_write)) {}

std::vector<ScheduleState> ScheduleRows::read() {
  sqlite::Statement select(*m_database, k_select);
  sqlite::Rows rows = select.query(nullptr);
  std::vector<ScheduleState> states;
  while (rows.next()) states.push_back(read_schedule(rows));
  return states;
}

ScheduleState ScheduleRows::read(const std::string& name) {
  sqlite::Statement select(*m_database, k_select);
  sqlite::Rows rows = select.query(name);
  if (rows.next()) return read_schedule(rows);
  ScheduleState unknown;
  unknown.name = name;
  return unknown;
}

void ScheduleRows::set_start(const std::string& name, WallTime due) {
  sqlite::Statement insert(*m_database, "INSERT OR IGNORE INTO schedules(name, last_due) VALUES(?, ?)");
  sqlite::Transaction transaction(*m_database);
  insert.run(name, to_column(due));
  transaction.commit();
}

Began ScheduleRows::begin(const Run& run, WallTime now) {
  sqlite::Statement make(*m_database, "INSERT OR IGNORE INTO schedules(name) VALUES(?)");
  sqlite::Statement take(
      *m_database,
      "UPDATE schedules SET last_due = ?1, running_by = ?2, running_until = ?3, runs = runs + 1 WHERE name = "
      "?4 "
      "AND (last_due IS NULL OR last_due < ?1) AND (running_until IS NULL OR running_until <= ?5)");
  sqlite::Statement is_taken(*m_database, "SELECT 1 FROM schedules WHERE name = ? AND last_due >= ?");
  sqlite::Transaction transaction(*m_database);
  make.run(run.name);
  const bool begun =
      take.run(to_column(run.due), run.owner, to_column(now + run.lease), run.name, to_column(now)) > 0;
  bool taken = false;
  if (!begun) {
    sqlite::Rows rows = is_taken.query(run.name, to_column(run.due));
    taken = rows.next();
  }
  transaction.commit();
  return begun ? Began::yes : taken ? Began::taken : Began::running;
}

bool ScheduleRows::renew(const Run& run, WallTime now) {
  sqlite::Statement update(*m_database,
                           "UPDATE schedules SET running_until = ? WHERE name = ? AND running_by = ?");
  sqlite::Transaction transaction(*m_database);
  const bool ours = update.run(to_column(now + run.lease), run.name, run.owner) > 0;
  transaction.commit();
  return ours;
}

void ScheduleRows::end(const Run& run, WallTime now, const std::string& error) {
  sqlite::Statement update(
      *m_database,
      "UPDATE schedules SET running_by = '', running_until = NULL, last_ended = ?1, last_outcome = ?2, "
      "last_error = ?3, failures = failures + ?4 WHERE name = ?5 AND running_by = ?6");
  sqlite::Transaction transaction(*m_database);
  const bool failed = !error.empty();
  update.run(to_column(now), std::string_view(failed ? "failed" : "done"), error, failed, run.name,
             run.owner);
  transaction.commit();
}

bool ScheduleRows::skip(const Run& run) {
  sqlite::Statement update(*m_database,
                           "UPDATE schedules SET last_due = ?1, skipped = skipped + 1 WHERE name = ?2 AND "
                           "(last_due IS NULL OR last_due < ?1)");
  sqlite::Transaction transaction(*m_database);
  const bool ours = update.run(to_column(run.due), run.name) > 0;
  transaction.commit();
  return ours;
}

}  // namespace kbeat::store
