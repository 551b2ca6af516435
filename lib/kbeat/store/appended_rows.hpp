// Rows that are only added, each unique by its event: quiz events, notifications and kept events.
#pragma once

#include "kbeat/model/effect.hpp"
#include "kbeat/sqlite/statement.hpp"
#include "kbeat/store/applied_event.hpp"
#include "kbeat/store/hash_index.hpp"

namespace kbeat::store {

/// For one thread, with its database. An event applied again finds its rows there and leaves one of each.
/// Where many rows come in, a hash index knows the row of an event: a unique index of SQLite's would rewrite
/// a page for each.
class AppendedRows {
 public:
  explicit AppendedRows(sqlite::Database& database);

  void apply(const UpsertQuizEvent& effect, const AppliedEvent& event);
  /// A row that is there keeps its status, so that nobody is notified twice.
  void apply(const InsertNotification& effect, const AppliedEvent& event);
  void apply(const AppendEvent& effect, const AppliedEvent& event);

  [[nodiscard]] HashIndex& quiz_index() { return m_quiz_index; }
  [[nodiscard]] HashIndex& event_index() { return m_event_index; }

 private:
  sqlite::Database& m_database;
  HashIndex m_quiz_index;
  HashIndex m_event_index;
  sqlite::Statement m_insert_quiz;
  sqlite::Statement m_update_quiz;
  sqlite::Statement m_notification;
  sqlite::Statement m_insert_event;
  sqlite::Statement m_update_event;
};

}  // namespace kbeat::store
