// Rows of quiz events, one for each event id.
#include "kbeat/store/quiz_rows.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace kbeat::store {

QuizRows::QuizRows(sqlite::Database& database)
    : m_database(database),
      m_index(database, IndexKind::quiz_events),
      m_insert(database,
               "INSERT INTO quiz_events(event_id, event_type, timestamp, session_id, quiz_id, classroom_id, "
               "question_id, timer_sec, raw) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      m_update(
          database,
          "UPDATE quiz_events SET event_type = ?3, timestamp = ?4, session_id = ?5, quiz_id = ?6, "
          "classroom_id = ?7, question_id = ?8, timer_sec = ?9, raw = ?10 WHERE id = ?1 AND event_id = ?2") {}

void QuizRows::foresee(std::vector<const UpsertQuizEvent*> effects) {
  m_effects = std::move(effects);
  m_keys.clear();
  for (const UpsertQuizEvent* effect : m_effects) m_keys.push_back(hash_key(effect->event_id));
  m_may_be_written = m_index.may_be_written(m_keys);
  m_next = 0;
}

QuizRows::Foreseen QuizRows::take_foreseen(const UpsertQuizEvent& effect) {
  const auto next = m_effects.begin() + static_cast<std::ptrdiff_t>(m_next);
  const auto found = std::find(next, m_effects.end(), &effect);
  if (found == m_effects.end()) return {.key = hash_key(effect.event_id)};
  const auto place = static_cast<std::size_t>(found - m_effects.begin());
  m_next = place + 1;
  return {.key = m_keys[place], .may_be_written = m_may_be_written[place]};
}

void QuizRows::apply(const UpsertQuizEvent& effect) {
  const Foreseen foreseen = take_foreseen(effect);
  // A row that was deleted since, and its number used again, is another event's.
  const auto row = m_index.find(foreseen.key, foreseen.may_be_written);
  const bool updated = row && m_update.run(row->first, effect.event_id, effect.event_type, effect.timestamp,
                                           effect.session_id, effect.quiz_id, effect.classroom_id,
                                           effect.question_id, effect.timer_sec, effect.raw) > 0;
  if (updated) return;
  m_insert.run(effect.event_id, effect.event_type, effect.timestamp, effect.session_id, effect.quiz_id,
               effect.classroom_id, effect.question_id, effect.timer_sec, effect.raw);
  m_index.put(foreseen.key, {.first = static_cast<std::uint64_t>(m_database.last_insert_rowid())});
}

}  // namespace kbeat::store
