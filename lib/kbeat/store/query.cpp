// One read-only SQL statement on the store, row by row.
#include "kbeat/store/query.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <vector>

#include "kbeat/base/error.hpp"
#include "kbeat/base/handle.hpp"
#include "kbeat/sqlite/failure.hpp"

namespace kbeat::store {
namespace {

constexpr int k_steps_between_looks = 10'000;  ///< of SQLite's virtual machine, some 0.1 ms

constexpr std::array<std::string_view, 9> k_describing_pragmas{
    "table_info",   "table_xinfo",   "table_list",       "index_list",    "index_info",
    "user_version", "database_list", "foreign_key_list", "application_id"};

int allow_reading(void*, int action, const char* first, const char* second, const char*, const char*) {
  const std::string_view name = first == nullptr ? "" : first;
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE: return SQLITE_OK;
    case SQLITE_FUNCTION: return std::string_view(second) == "load_extension" ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA: {
      const bool describes = std::find(k_describing_pragmas.begin(), k_describing_pragmas.end(), name) !=
                             k_describing_pragmas.end();
      return describes ? SQLITE_OK : SQLITE_DENY;
    }
    default: return SQLITE_DENY;
  }
}

/// Looked at by SQLite while a statement runs.
struct Watch {
  const QueryLimits& limits;
  SteadyTime deadline;

  [[nodiscard]] bool time_is_over() const {
    return limits.time && std::chrono::steady_clock::now() >= deadline;
  }
  static int ends(void* self) {
    const auto& watch = *static_cast<const Watch*>(self);
    return watch.limits.stop.stop_requested() || watch.time_is_over() ? 1 : 0;
  }
};

/// The connection's guards, for the time of one query.
class Guards {
 public:
  Guards(sqlite3* connection, Watch& watch) : m_connection(connection) {
    sqlite3_set_authorizer(m_connection, allow_reading, nullptr);
    sqlite3_progress_handler(m_connection, k_steps_between_looks, Watch::ends, &watch);
  }
  Guards(const Guards&) = delete;
  Guards& operator=(const Guards&) = delete;
  ~Guards() {
    sqlite3_set_authorizer(m_connection, nullptr, nullptr);
    sqlite3_progress_handler(m_connection, 0, nullptr, nullptr);
  }

 private:
  sqlite3* m_connection;
};

using StatementHandle = Handle<sqlite3_stmt, sqlite::finalize_statement>;

bool is_blank(std::string_view rest) {
  return rest.find_first_not_of(" \t\r\n;") == std::string_view::npos;
}

StatementHandle prepare(sqlite3* connection, std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  const int result = sqlite3_prepare_v2(connection, sql.data(), static_cast<int>(sql.size()), &raw, &tail);
  StatementHandle statement(raw);
  if (result == SQLITE_AUTH) {
    throw Error(ErrorCode::usage, "the SQL is not allowed: only one statement that reads is, such as SELECT");
  }
  if ((result & 0xff) == SQLITE_ERROR) {
    throw Error(ErrorCode::usage, fmt::format("the SQL is wrong: {}", sqlite3_errmsg(connection)));
  }
  if (result != SQLITE_OK) sqlite::throw_failure(connection, result, "cannot query the store");
  if (!statement) throw Error(ErrorCode::usage, "the SQL is empty: give one statement, such as SELECT");
  const std::string_view rest = sql.substr(static_cast<std::size_t>(tail - sql.data()));
  if (!is_blank(rest))
    throw Error(ErrorCode::usage, "the SQL has more than one statement: give one at a time");
  return statement;
}

QueryValue read_value(sqlite3_stmt* statement, int column) {
  const auto bytes = [&] {
    const void* const data = sqlite3_column_blob(statement, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    return data == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(data), size);
  };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT: return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: return bytes();
    case SQLITE_BLOB: return sqlite::Blob{bytes()};
    default: return nullptr;
  }
}

[[noreturn]] void fail(sqlite3* connection, int result, const Watch& watch) {
  if (result == SQLITE_INTERRUPT && watch.limits.stop.stop_requested()) {
    throw Error(ErrorCode::interrupted, "the query was interrupted");
  }
  if (result == SQLITE_INTERRUPT) {
    throw Error(ErrorCode::timed_out, fmt::format("the query took longer than {}",
                                                  seconds_text(watch.limits.time.value_or(Milliseconds{}))));
  }
  sqlite::throw_failure(connection, result, "the query failed");
}

}  // namespace

void run_query(sqlite::Database& database, std::string_view sql, const QueryLimits& limits,
               const QuerySink& sink) {
  sqlite3* const connection = database.handle();
  Watch watch{limits, std::chrono::steady_clock::now() + limits.time.value_or(Milliseconds{})};
  const Guards guards(connection, watch);
  const StatementHandle statement = prepare(connection, sql);
  const int count = sqlite3_column_count(statement.get());
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.emplace_back(sqlite3_column_name(statement.get(), i));
  sink.columns(names);
  std::vector<QueryValue> values(names.size());
  int result = sqlite3_step(statement.get());
  for (; result == SQLITE_ROW; result = sqlite3_step(statement.get())) {
    for (int i = 0; i < count; ++i) values[static_cast<std::size_t>(i)] = read_value(statement.get(), i);
    sink.row(values);
  }
  if (result != SQLITE_DONE) fail(connection, result, watch);
}

std::vector<std::string> table_names(sqlite::Database& database) {
  std::vector<std::string> names;
  sqlite::Statement select(database, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
  sqlite::Rows rows = select.query();
  while (rows.next()) {
    if (!rows.bytes(0).starts_with("sqlite_")) names.emplace_back(rows.bytes(0));
  }
  return names;
}

}  // namespace kbeat::store
