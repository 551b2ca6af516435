// Makes a store smaller: what is old and needed by nobody goes.
#include "kbeat/store/prune.hpp"

#include <fmt/format.h>

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/column_times.hpp"
#include "kbeat/store/dedupe_marks.hpp"

namespace kbeat::store {
namespace {

constexpr int k_rows_a_transaction = 5000;
constexpr int k_pages_a_transaction = 1000;

struct OldRows {
  const char* table;
  const char* count;
  const char* remove;
};

constexpr OldRows k_events{
    "events", "SELECT count(*) FROM events WHERE timestamp < ?",
    "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE timestamp < ? LIMIT ?)"};
constexpr OldRows k_notifications{
    "notifications", "SELECT count(*) FROM notifications WHERE sent_status = 'sent' AND sent_at < ?",
    "DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE sent_status = 'sent' "
    "AND sent_at < ? LIMIT ?)"};

std::int64_t count_rows(sqlite::Database& database, const char* sql, WallTime before) {
  sqlite::Statement statement(database, sql);
  sqlite::Rows rows = statement.query(to_column(before));
  return rows.next() ? rows.integer(0) : 0;
}

std::int64_t remove_rows(sqlite::Database& database, const OldRows& old, WallTime before) {
  sqlite::Statement statement(database, old.remove);
  std::int64_t removed = 0;
  std::int64_t last = k_rows_a_transaction;
  while (last == k_rows_a_transaction) {
    sqlite::Transaction transaction(database);
    last = statement.run(to_column(before), k_rows_a_transaction);
    transaction.commit();
    removed += last;
  }
  return removed;
}

void give_back_room(sqlite::Database& database) {
  while (database.integer("PRAGMA freelist_count") > 0) {
    const std::int64_t before = database.integer("PRAGMA freelist_count");
    sqlite::Transaction transaction(database);
    database.execute(fmt::format("PRAGMA incremental_vacuum({})", k_pages_a_transaction).c_str());
    transaction.commit();
    if (database.integer("PRAGMA freelist_count") >= before) return;
  }
}

}  // namespace

std::vector<PrunedTable> plan_prune(sqlite::Database& database, const PruneSpans& spans, WallTime now) {
  std::vector<PrunedTable> plan;
  plan.push_back({"marks", DedupeMarks(database).count_older(now - spans.dedupe_marks)});
  if (spans.events)
    plan.push_back({k_events.table, count_rows(database, k_events.count, now - *spans.events)});
  if (spans.sent_notifications) {
    plan.push_back({k_notifications.table,
                    count_rows(database, k_notifications.count, now - *spans.sent_notifications)});
  }
  return plan;
}

std::vector<PrunedTable> prune(sqlite::Database& database, const PruneSpans& spans, WallTime now) {
  std::vector<PrunedTable> pruned;
  const std::size_t marks = DedupeMarks(database).drop(now - spans.dedupe_marks);
  pruned.push_back({"marks", static_cast<std::int64_t>(marks)});
  if (spans.events) pruned.push_back({k_events.table, remove_rows(database, k_events, now - *spans.events)});
  if (spans.sent_notifications) {
    pruned.push_back(
        {k_notifications.table, remove_rows(database, k_notifications, now - *spans.sent_notifications)});
  }
  give_back_room(database);
  return pruned;
}

}  // namespace kbeat::store
