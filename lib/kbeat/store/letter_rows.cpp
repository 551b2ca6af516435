// Rows of `dead_letters`: the store's own copy of each, kept until its fate is known.
#include "kbeat/store/letter_rows.hpp"

#include <optional>

#include "kbeat/base/error.hpp"
#include "kbeat/store/column_times.hpp"
#include "kbeat/store/header_bytes.hpp"

namespace kbeat::store {

LetterRows::LetterRows(sqlite::Database& database)
    : m_add(database,
            "INSERT INTO dead_letters(cluster, group_id, topic, incarnation, partition, offset, state, "
            "dlq_topic, "
            "handler, category, error, attempts, replays, first_failed_at, failed_at, event_id, root, "
            "timestamp, "
            "timestamp_type, headers, key, value) VALUES(?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, "
            "?, ?, ?, "
            "?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = 'pending', dlq_topic = excluded.dlq_topic, "
            "handler = excluded.handler, category = excluded.category, error = excluded.error, "
            "attempts = excluded.attempts, replays = excluded.replays, failed_at = excluded.failed_at "
            "RETURNING id"),
      m_publish(database, "UPDATE dead_letters SET state = 'published' WHERE id = ? AND state = 'pending'") {}

std::int64_t LetterRows::add(const DeadLetter& letter, std::int64_t incarnation) {
  const Record& original = letter.original;
  const std::string headers = encode_headers(original.headers);
  const std::string category(to_string(letter.category));
  sqlite::Rows rows = m_add.query(
      letter.cluster, letter.group.get(), original.topic.get(), incarnation, original.partition.get(),
      original.offset.get(), letter.dlq_topic.get(), letter.handler, category, letter.error, letter.attempts,
      letter.replays, to_column(letter.first_failed_at), to_column(letter.failed_at), letter.event_id,
      letter.root, to_column(original.timestamp), static_cast<int>(original.timestamp_type),
      sqlite::Blob{headers}, sqlite::optional_blob(original.key), sqlite::optional_blob(original.value));
  if (!rows.next()) throw Error(ErrorCode::internal, "a dead letter got no id");
  return rows.integer(0);
}

void LetterRows::mark_published(std::int64_t id) {
  m_publish.run(id);
}

}  // namespace kbeat::store
