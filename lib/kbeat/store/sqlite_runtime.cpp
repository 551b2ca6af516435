// Running consumers as rows, for `health` in another process.
#include "kbeat/store/sqlite_runtime.hpp"

#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/column_times.hpp"
#include "kbeat/store/consumer_switches.hpp"

namespace kbeat::store {

SqliteRuntime::SqliteRuntime(sqlite::Database& database)
    : m_database(database),
      m_write(
          database,
          "INSERT OR REPLACE INTO runtime(process, command, group_id, connection, in_cooldown, retry_count, "
          "updated_at, detail) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"),
      m_remove(database, "DELETE FROM runtime WHERE process = ?"),
      m_read(database,
             "SELECT process, command, group_id, connection, in_cooldown, retry_count, updated_at, detail "
             "FROM runtime ORDER BY process") {}

void SqliteRuntime::write(const RuntimeState& state) {
  sqlite::Transaction transaction(m_database);
  m_write.run(state.process, state.command, state.group, state.connection, state.in_cooldown,
              state.retry_count, to_column(state.updated), state.detail);
  transaction.commit();
}

void SqliteRuntime::remove(const std::string& process) {
  sqlite::Transaction transaction(m_database);
  m_remove.run(process);
  transaction.commit();
}

std::vector<RuntimeState> SqliteRuntime::read() {
  std::vector<RuntimeState> states;
  sqlite::Rows rows = m_read.query();
  while (rows.next()) {
    states.push_back({.process = std::string(rows.bytes(0)),
                      .command = std::string(rows.bytes(1)),
                      .group = std::string(rows.bytes(2)),
                      .connection = std::string(rows.bytes(3)),
                      .in_cooldown = rows.integer(4) != 0,
                      .retry_count = static_cast<int>(rows.integer(5)),
                      .updated = from_column(rows.integer(6)),
                      .detail = std::string(rows.bytes(7))});
  }
  return states;
}

bool SqliteRuntime::is_on(const std::string& group) {
  return consumer_switch(m_database, group) == Switched::on;
}

}  // namespace kbeat::store
