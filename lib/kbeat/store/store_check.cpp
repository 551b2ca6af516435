// Whether a store's file is sound: SQLite's own checks, and what must hold between its rows.
#include "kbeat/store/store_check.hpp"

#include <array>
#include <string_view>

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/sqlite/transaction.hpp"

namespace kbeat::store {
namespace {

/// `sql` yields one text for each problem.
struct Check {
  std::string_view name;
  std::string_view sql;
};

constexpr std::array<Check, 10> k_checks{{
    {"file is intact", "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'"},
    {"references hold", "SELECT \"table\" || ' row ' || coalesce(rowid, '?') FROM pragma_foreign_key_check"},
    {"store has its id",
     "SELECT 'no store_id' WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = 'store_id')"},
    {"finished records lie at or above next",
     "SELECT p.topic || '[' || p.partition || '] offset ' || f.offset || ' below ' || p.next FROM finished f "
     "JOIN positions p ON p.id = f.position WHERE f.offset < p.next"},
    {"every run of the hash index is whole",
     "SELECT 'run ' || id FROM hash_runs r WHERE entries * 32 <> (SELECT coalesce(sum(length(b.entries)), 0) "
     "FROM hash_blocks b WHERE b.id >= r.id << 24 AND b.id < (r.id + 1) << 24)"},
    {"every quiz event is there once",
     "SELECT event_id FROM quiz_events GROUP BY event_id HAVING count(*) > 1"},
    {"every pending dead letter is owed to its topic",
     "SELECT 'letter ' || id FROM dead_letters WHERE state = 'pending' AND id NOT IN "
     "(SELECT letter FROM outbox WHERE letter IS NOT NULL)"},
    {"every owed dead letter is pending",
     "SELECT 'outbox row ' || seq FROM outbox JOIN dead_letters d ON d.id = letter WHERE d.state <> "
     "'pending'"},
    {"columns of JSON are JSON",
     "SELECT 'beat ' || beat_id FROM beat_metrics WHERE json_valid(extra) = 0 OR json_valid(coalesce(beats, "
     "'[]')) = 0 "
     "OR json_valid(coalesce(downbeats, '[]')) = 0 OR json_valid(coalesce(flags, '[]')) = 0 "
     "UNION ALL SELECT 'metric ' || name FROM metrics WHERE json_valid(value) = 0 OR json_valid(metadata) = "
     "0"},
    {"no row is newer than the sequence",
     "SELECT 'outbox row ' || max(seq) FROM outbox HAVING max(seq) > (SELECT seq FROM sqlite_sequence "
     "WHERE name = 'outbox')"},
}};

CheckResult run_check(sqlite::Database& database, const Check& check) {
  CheckResult result{.name = std::string(check.name), .problems = 0, .sample = {}};
  sqlite::Statement statement(database, check.sql);
  sqlite::Rows rows = statement.query();
  while (rows.next()) {
    if (result.problems++ == 0) result.sample = rows.bytes(0);
  }
  return result;
}

}  // namespace

std::vector<CheckResult> check_store(sqlite::Database& database) {
  std::vector<CheckResult> results;
  const sqlite::ReadTransaction same_state(database);
  for (const Check& check : k_checks) {
    results.push_back(run_check(database, check));
    // A damaged file answers nothing else reliably.
    if (results.size() == 1 && results.front().problems > 0) break;
  }
  return results;
}

}  // namespace kbeat::store
