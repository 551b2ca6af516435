// Rows that are only added, each unique by its event: notifications and kept events.
#include "kbeat/store/appended_rows.hpp"

#include "kbeat/store/column_times.hpp"

namespace kbeat::store {

AppendedRows::AppendedRows(sqlite::Database& database)
    : m_database(database),
      m_event_index(database, IndexKind::kept_events),
      m_notification(
          database,
          "INSERT INTO notifications(event_identity, ordinal, user_id, event, content, created_at) "
          "VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET user_id = excluded.user_id, "
          "event = excluded.event, content = excluded.content"),
      m_insert_event(database,
                     "INSERT INTO events(event_identity, ordinal, type, subject, topic, partition, offset, "
                     "timestamp, raw) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      m_update_event(database,
                     "UPDATE events SET type = ?, subject = ?, raw = ? WHERE id = ? AND event_identity = ? "
                     "AND ordinal = ?") {}

void AppendedRows::apply(const InsertNotification& effect, const AppliedEvent& event) {
  m_notification.run(event.done.identity, event.ordinal, effect.user_id, effect.event, effect.content,
                     to_column(event.now));
}

void AppendedRows::apply(const AppendEvent& effect, const AppliedEvent& event) {
  const Origin& origin = event.done.origin;
  const HashKey key = owned_key(hash_key(event.done.identity), event.ordinal);
  const auto row = m_event_index.find(key);
  const bool updated = row && m_update_event.run(effect.type, effect.subject, effect.raw, row->first,
                                                 event.done.identity, event.ordinal) > 0;
  if (updated) return;
  m_insert_event.run(event.done.identity, event.ordinal, effect.type, effect.subject, origin.topic,
                     origin.partition, origin.offset, to_column(origin.timestamp), effect.raw);
  m_event_index.put(key, {.first = static_cast<std::uint64_t>(m_database.last_insert_rowid())});
}

}  // namespace kbeat::store
