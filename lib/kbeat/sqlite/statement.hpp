// A prepared statement: values in by order, rows out by type.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kbeat/base/handle.hpp"
#include "kbeat/sqlite/database.hpp"

struct sqlite3_stmt;

namespace kbeat::sqlite {

/// sqlite3_finalize, for Handle.
void finalize_statement(sqlite3_stmt* statement);

/// Bytes that are bound as a blob; a plain string_view is bound as text.
struct Blob {
  std::string_view bytes;
};

/// To be bound as a blob, or as null.
[[nodiscard]] std::optional<Blob> optional_blob(const std::optional<std::string>& bytes);

/// The rows of a running query; destroying it ends the query, and the read transaction that it holds.
class Rows {
 public:
  Rows(Database& database, sqlite3_stmt* statement) : m_database(database), m_statement(statement) {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  ~Rows();

  /// Moves to the next row, the first at first; false after the last. Throws Error.
  [[nodiscard]] bool next();

  [[nodiscard]] int columns() const;
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  /// Text or blob, valid until the next row; empty for null.
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const;
  [[nodiscard]] std::optional<std::string_view> optional_bytes(int column) const;

 private:
  Database& m_database;
  sqlite3_stmt* m_statement;
};

/// Prepared once, run often. What is bound must live until the run is over. Writing needs a Transaction:
/// outside of one it throws Error{internal}.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);

  /// Runs to the end; returns the rows that were inserted, changed or removed. Throws Error.
  template <typename... Values>
  std::int64_t run(const Values&... values) {
    bind_all(values...);
    return run_bound();
  }

  /// Starts a query. At most one may be running.
  template <typename... Values>
  [[nodiscard]] Rows query(const Values&... values) {
    bind_all(values...);
    return {m_database, m_statement.get()};
  }

  /// For rows whose number of columns is known only at run time: binds one place, counted from 1.
  void bind(int place, std::nullptr_t);
  void bind(int place, std::int64_t value);
  void bind(int place, double value);
  void bind(int place, std::string_view text);
  void bind(int place, Blob blob);
  void bind(int place, std::integral auto value) { bind(place, static_cast<std::int64_t>(value)); }
  template <typename Value>
  void bind(int place, const std::optional<Value>& value) {
    value ? bind(place, *value) : bind(place, nullptr);
  }
  std::int64_t run_bound();

 private:
  template <typename... Values>
  void bind_all(const Values&... values) {
    int place = 0;
    (bind(++place, values), ...);
    check_count(place);
  }
  void check_count(int bound) const;
  void check(int result) const;

  Database& m_database;
  Handle<sqlite3_stmt, finalize_statement> m_statement;
  bool m_writes;
};

}  // namespace kbeat::sqlite
