// Rows of `consumer_switches`.
#include "kbeat/store/consumer_switches.hpp"

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/column_times.hpp"

namespace kbeat::store {

Switched consumer_switch(sqlite::Database& database, const std::string& group) {
  sqlite::Statement select(database, "SELECT is_on FROM consumer_switches WHERE group_id = ?");
  sqlite::Rows rows = select.query(group);
  return rows.next() && rows.integer(0) == 0 ? Switched::off : Switched::on;
}

void switch_consumer(sqlite::Database& database, const std::string& group, Switched to, WallTime now) {
  sqlite::Statement write(
      database, "INSERT OR REPLACE INTO consumer_switches(group_id, is_on, changed_at) VALUES(?, ?, ?)");
  sqlite::Transaction transaction(database);
  write.run(group, to == Switched::on, to_column(now));
  transaction.commit();
}

}  // namespace kbeat::store
