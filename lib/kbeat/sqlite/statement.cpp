// A prepared statement: values in by order, rows out by type.
#include "kbeat/sqlite/statement.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include "kbeat/base/error.hpp"
#include "kbeat/sqlite/failure.hpp"

namespace kbeat::sqlite {

void finalize_statement(sqlite3_stmt* statement) {
  sqlite3_finalize(statement);
}

std::optional<Blob> optional_blob(const std::optional<std::string>& bytes) {
  return bytes ? std::optional(Blob{*bytes}) : std::nullopt;
}

Rows::~Rows() {
  sqlite3_reset(m_statement);
}

bool Rows::next() {
  const int result = sqlite3_step(m_statement);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  throw_failure(m_database.handle(), result, fmt::format("cannot read {}", m_database.path().string()));
}

int Rows::columns() const {
  return sqlite3_column_count(m_statement);
}

bool Rows::is_null(int column) const {
  return sqlite3_column_type(m_statement, column) == SQLITE_NULL;
}

std::int64_t Rows::integer(int column) const {
  return sqlite3_column_int64(m_statement, column);
}

double Rows::real(int column) const {
  return sqlite3_column_double(m_statement, column);
}

std::string_view Rows::bytes(int column) const {
  const void* const data = sqlite3_column_blob(m_statement, column);
  const int size = sqlite3_column_bytes(m_statement, column);
  return data == nullptr ? std::string_view()
                         : std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

std::optional<std::int64_t> Rows::optional_integer(int column) const {
  return is_null(column) ? std::nullopt : std::optional(integer(column));
}

std::optional<std::string_view> Rows::optional_bytes(int column) const {
  return is_null(column) ? std::nullopt : std::optional(bytes(column));
}

Statement::Statement(Database& database, std::string_view sql) : m_database(database) {
  sqlite3_stmt* raw = nullptr;
  const int result = sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  m_statement.reset(raw);
  check(result);
  m_writes = sqlite3_stmt_readonly(raw) == 0;
}

void Statement::bind(int place, std::nullptr_t) {
  check(sqlite3_bind_null(m_statement.get(), place));
}

void Statement::bind(int place, std::int64_t value) {
  check(sqlite3_bind_int64(m_statement.get(), place, value));
}

void Statement::bind(int place, double value) {
  check(sqlite3_bind_double(m_statement.get(), place, value));
}

void Statement::bind(int place, std::string_view text) {
  // A null pointer would be bound as null, and an empty view may have one.
  const char* const data = text.data() == nullptr ? "" : text.data();
  check(sqlite3_bind_text64(m_statement.get(), place, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind(int place, Blob blob) {
  const char* const data = blob.bytes.data() == nullptr ? "" : blob.bytes.data();
  check(sqlite3_bind_blob64(m_statement.get(), place, data, blob.bytes.size(), SQLITE_STATIC));
}

std::int64_t Statement::run_bound() {
  if (m_writes && sqlite3_get_autocommit(m_database.handle()) != 0) {
    throw Error(ErrorCode::internal,
                fmt::format("{} is written outside a transaction", m_database.path().string()));
  }
  const int stepped = sqlite3_step(m_statement.get());
  // The reset repeats the step's error.
  const int result = sqlite3_reset(m_statement.get());
  if (stepped != SQLITE_DONE && stepped != SQLITE_ROW) {
    throw_failure(m_database.handle(), result, fmt::format("cannot write to {}", m_database.path().string()));
  }
  return m_writes ? sqlite3_changes64(m_database.handle()) : 0;
}

void Statement::check_count(int bound) const {
  if (bound == sqlite3_bind_parameter_count(m_statement.get())) return;
  throw Error(ErrorCode::internal, fmt::format("{} values for: {}", bound, sqlite3_sql(m_statement.get())));
}

void Statement::check(int result) const {
  if (result == SQLITE_OK) return;
  throw_failure(m_database.handle(), result, fmt::format("cannot work on {}", m_database.path().string()));
}

}  // namespace kbeat::sqlite
