// Rows of `archived_letters`, and the closing of rows of `dead_letters`.
#include "kbeat/store/sqlite_letter_archive.hpp"

#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/column_times.hpp"
#include "kbeat/store/header_bytes.hpp"

namespace kbeat::store {

SqliteLetterArchive::SqliteLetterArchive(sqlite::Database& database)
    : m_database(database),
      m_keep(
          database,
          "INSERT INTO archived_letters(identity, reason, archived_at, topic, partition, offset, timestamp, "
          "timestamp_type, headers, key, value) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
          "ON CONFLICT(identity) DO UPDATE SET reason = excluded.reason, archived_at = excluded.archived_at"),
      m_read(database,
             "SELECT id, identity, reason, archived_at, topic, partition, offset, timestamp, timestamp_type, "
             "headers, key, value FROM archived_letters WHERE id > ? ORDER BY id LIMIT ?"),
      m_close(database,
              "UPDATE dead_letters SET state = ? WHERE cluster = ? AND group_id = ? AND topic = ? AND "
              "partition = ? AND offset = ?") {}

void SqliteLetterArchive::keep(std::span<const ArchivedLetter> letters) {
  sqlite::Transaction transaction(m_database);
  for (const ArchivedLetter& letter : letters) {
    const Record& record = letter.record;
    const std::string headers = encode_headers(record.headers);
    m_keep.run(letter.identity, letter.reason, to_column(letter.archived_at), record.topic.get(),
               record.partition.get(), record.offset.get(), to_column(record.timestamp),
               static_cast<int>(record.timestamp_type), sqlite::Blob{headers},
               sqlite::optional_blob(record.key), sqlite::optional_blob(record.value));
  }
  transaction.commit();
}

std::vector<ArchivedLetter> SqliteLetterArchive::read(std::int64_t after, std::size_t limit) {
  const auto bytes = [](const std::optional<std::string_view>& column) {
    return column ? std::optional<Bytes>(*column) : std::nullopt;
  };
  std::vector<ArchivedLetter> letters;
  sqlite::Rows rows = m_read.query(after, static_cast<std::int64_t>(limit));
  while (rows.next()) {
    letters.push_back({.number = rows.integer(0),
                       .identity = std::string(rows.bytes(1)),
                       .reason = std::string(rows.bytes(2)),
                       .archived_at = from_column(rows.integer(3)),
                       .record = {.topic = TopicName{std::string(rows.bytes(4))},
                                  .partition = Partition{static_cast<std::int32_t>(rows.integer(5))},
                                  .offset = Offset{rows.integer(6)},
                                  .timestamp = from_column(rows.integer(7)),
                                  .timestamp_type = static_cast<TimestampType>(rows.integer(8)),
                                  .key = bytes(rows.optional_bytes(10)),
                                  .value = bytes(rows.optional_bytes(11)),
                                  .headers = decode_headers(rows.bytes(9))}});
  }
  return letters;
}

void SqliteLetterArchive::close(std::span<const ClosedLetter> letters) {
  sqlite::Transaction transaction(m_database);
  for (const ClosedLetter& letter : letters) {
    m_close.run(letter.state, letter.cluster, letter.group, letter.partition.topic.get(),
                letter.partition.partition.get(), letter.offset.get());
  }
  transaction.commit();
}

}  // namespace kbeat::store
