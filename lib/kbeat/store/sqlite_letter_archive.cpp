// Rows of `archived_letters`, and the closing of rows of `dead_letters`.
#include "kbeat/store/sqlite_letter_archive.hpp"

#include <optional>
#include <string>

#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/column_times.hpp"
#include "kbeat/store/header_bytes.hpp"

namespace kbeat::store {
namespace {

std::optional<Bytes> owned(const std::optional<std::string_view>& column) {
  return column ? std::optional<Bytes>(*column) : std::nullopt;
}

/// What letter_of reads.
const std::string k_letters =
    "SELECT id, cluster, group_id, topic, partition, offset, dlq_topic, handler, category, error, attempts, "
    "replays, first_failed_at, failed_at, event_id, root, timestamp, timestamp_type, headers, key, value "
    "FROM dead_letters ";

/// A row of `dead_letters` behind its id.
DeadLetter letter_of(sqlite::Rows& row) {
  const auto text = [&row](int column) { return std::string(row.bytes(column)); };
  DeadLetter letter;
  letter.cluster = text(1);
  letter.group = GroupId{text(2)};
  letter.original = {.topic = TopicName{text(3)},
                     .partition = Partition{static_cast<std::int32_t>(row.integer(4))},
                     .offset = Offset{row.integer(5)},
                     .timestamp = from_column(row.integer(16)),
                     .timestamp_type = static_cast<TimestampType>(row.integer(17)),
                     .key = owned(row.optional_bytes(19)),
                     .value = owned(row.optional_bytes(20)),
                     .headers = decode_headers(row.bytes(18))};
  letter.dlq_topic = TopicName{text(6)};
  letter.handler = text(7);
  letter.category = parse_failure_category(row.bytes(8));
  letter.error = text(9);
  letter.attempts = static_cast<int>(row.integer(10));
  letter.replays = static_cast<int>(row.integer(11));
  letter.first_failed_at = from_column(row.integer(12));
  letter.failed_at = from_column(row.integer(13));
  letter.event_id = text(14);
  letter.root = text(15);
  return letter;
}

}  // namespace

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
              "partition = ? AND offset = ?"),
      m_find(database,
             k_letters +
                 "WHERE cluster = ? AND group_id = ? AND topic = ? AND partition = ? AND offset = ? "
                 "ORDER BY incarnation DESC LIMIT 1"),
      m_published(database, k_letters + "WHERE state = 'published' AND id > ? ORDER BY id LIMIT ?") {}

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
                                  .key = owned(rows.optional_bytes(10)),
                                  .value = owned(rows.optional_bytes(11)),
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

std::optional<DeadLetter> SqliteLetterArchive::find(const std::string& cluster, const std::string& group,
                                                    const TopicPartition& partition, Offset offset) {
  sqlite::Rows rows =
      m_find.query(cluster, group, partition.topic.get(), partition.partition.get(), offset.get());
  return rows.next() ? std::optional<DeadLetter>(letter_of(rows)) : std::nullopt;
}

std::vector<PublishedLetter> SqliteLetterArchive::published(std::int64_t after, std::size_t limit) {
  std::vector<PublishedLetter> letters;
  sqlite::Rows rows = m_published.query(after, static_cast<std::int64_t>(limit));
  while (rows.next()) letters.push_back({.number = rows.integer(0), .letter = letter_of(rows)});
  return letters;
}

}  // namespace kbeat::store
