// Rows of `outbox` as written in the transaction of their cause.
#include "kbeat/store/outbox_rows.hpp"

#include "kbeat/store/column_times.hpp"
#include "kbeat/store/header_bytes.hpp"
#include "kbeat/store/outbox.hpp"

namespace kbeat::store {

OutboxRows::OutboxRows(sqlite::Database& database)
    : m_database(database),
      m_add(database,
            "INSERT INTO outbox(state, letter, topic, partition, timestamp, timestamp_type, event_id, "
            "created_at, "
            "headers, key, value) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      m_withdraw(database, "DELETE FROM outbox WHERE state IN (0, 2) AND letter = ?") {}

std::int64_t OutboxRows::add(const Record& record, const std::string& event_id,
                             std::optional<std::int64_t> letter, WallTime now) {
  const std::string headers = encode_headers(record.headers);
  m_add.run(static_cast<int>(OutboxState::waiting), letter, record.topic.get(), record.partition.get(),
            to_column(record.timestamp), static_cast<int>(record.timestamp_type), event_id, to_column(now),
            sqlite::Blob{headers}, sqlite::optional_blob(record.key), sqlite::optional_blob(record.value));
  return m_database.last_insert_rowid();
}

void OutboxRows::withdraw(std::int64_t letter) {
  m_withdraw.run(letter);
}

}  // namespace kbeat::store
