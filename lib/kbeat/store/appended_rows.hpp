// Rows that are only added, each unique by its event: notifications and kept events.
#pragma once

#include "kbeat/model/effect.hpp"
#include "kbeat/sqlite/statement.hpp"
#include "kbeat/store/applied_event.hpp"
#include "kbeat/store/hash_index.hpp"

namespace kbeat::store {

/// For one thread, with its database. An event applied again finds its rows there and leaves one of each. As
/// for quiz events a hash index knows the row of a kept event.
class AppendedRows {
 public:
  explicit AppendedRows(sqlite::Database& database);

  /// A row that is there keeps its status, so that nobody is notified twice.
  void apply(const InsertNotification& effect, const AppliedEvent& event);
  void apply(const AppendEvent& effect, const AppliedEvent& event);

  [[nodiscard]] HashIndex& event_index() { return m_event_index; }

 private:
  sqlite::Database& m_database;
  HashIndex m_event_index;
  sqlite::Statement m_notification;
  sqlite::Statement m_insert_event;
  sqlite::Statement m_update_event;
};

}  // namespace kbeat::store
