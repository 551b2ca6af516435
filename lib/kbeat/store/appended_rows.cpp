// Rows that are only added, each unique by its event: quiz events, notifications and kept events.
#include "kbeat/store/appended_rows.hpp"

#include "kbeat/store/column_times.hpp"

namespace kbeat::store {

AppendedRows::AppendedRows(sqlite::Database& database)
    : m_database(database),
      m_quiz_index(database, IndexKind::quiz_events),
      m_event_index(database, IndexKind::kept_events),
      m_insert_quiz(
          database,
          "INSERT INTO quiz_events(event_id, event_type, timestamp, session_id, quiz_id, classroom_id, "
          "question_id, timer_sec, raw) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      m_update_quiz(
          database,
          "UPDATE quiz_events SET event_type = ?3, timestamp = ?4, session_id = ?5, quiz_id = ?6, "
          "classroom_id = ?7, question_id = ?8, timer_sec = ?9, raw = ?10 WHERE id = ?1 AND event_id = ?2"),
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

void AppendedRows::apply(const UpsertQuizEvent& effect, const AppliedEvent&) {
  const HashKey key = hash_key(effect.event_id);
  // A row that was deleted since, and its number used again, is another event's.
  const auto row = m_quiz_index.find(key);
  const bool updated =
      row && m_update_quiz.run(row->first, effect.event_id, effect.event_type, effect.timestamp,
                               effect.session_id, effect.quiz_id, effect.classroom_id, effect.question_id,
                               effect.timer_sec, effect.raw) > 0;
  if (updated) return;
  m_insert_quiz.run(effect.event_id, effect.event_type, effect.timestamp, effect.session_id, effect.quiz_id,
                    effect.classroom_id, effect.question_id, effect.timer_sec, effect.raw);
  m_quiz_index.put(key, {.first = static_cast<std::uint64_t>(m_database.last_insert_rowid())});
}

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
