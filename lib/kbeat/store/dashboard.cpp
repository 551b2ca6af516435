// One transaction around what an event would do.
#include "kbeat/store/dashboard.hpp"

#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/metric_rows.hpp"

namespace kbeat::store {

void refresh_dashboard(sqlite::Database& database, WallTime now) {
  MetricRows rows(database);
  sqlite::Transaction transaction(database);
  rows.refresh_dashboard(now);
  transaction.commit();
}

}  // namespace kbeat::store
