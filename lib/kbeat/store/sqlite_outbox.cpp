// The outbox's rows for the relay that sends them.
#include "kbeat/store/sqlite_outbox.hpp"

#include <fmt/format.h>
#include <time.h>

#include <fstream>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/column_times.hpp"
#include "kbeat/store/header_bytes.hpp"

namespace kbeat::store {
namespace {

constexpr int k_waiting = static_cast<int>(OutboxState::waiting);
constexpr int k_parked = static_cast<int>(OutboxState::parked);

/// What read_outbox_row reads.
const std::string k_select_outbox =
    "SELECT seq, o.topic, o.partition, o.timestamp, o.timestamp_type, o.event_id, created_at, o.headers, "
    "o.key, o.value, l.cluster || '/' || l.group_id || '/' || l.topic || '/' || l.partition || '/' || "
    "l.offset, o.state, o.error FROM outbox o LEFT JOIN dead_letters l ON l.id = o.letter ";

/// Tells one start of the machine from another: a lease does not outlive it.
std::string read_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

/// Milliseconds since the machine's start, sleep included: no clock that somebody sets.
std::int64_t boot_time() {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

std::string json_list(std::span<const std::string> texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list += ',';
    append_json_string(list, text);
  }
  return list + ']';
}

std::optional<Bytes> read_bytes(const sqlite::Rows& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(Bytes(row.bytes(column)));
}

OutboxRow read_outbox_row(const sqlite::Rows& row) {
  OutboxRow out;
  out.seq = row.integer(0);
  out.record.topic = TopicName(std::string(row.bytes(1)));
  out.record.partition = Partition(static_cast<std::int32_t>(row.integer(2)));
  out.record.timestamp = from_column(row.integer(3));
  out.record.timestamp_type = static_cast<TimestampType>(row.integer(4));
  out.event_id = row.bytes(5);
  out.created = from_column(row.integer(6));
  out.record.headers = decode_headers(row.bytes(7));
  out.record.key = read_bytes(row, 8);
  out.record.value = read_bytes(row, 9);
  out.letter = row.bytes(10);
  out.state = static_cast<OutboxState>(row.integer(11));
  out.error = row.bytes(12);
  return out;
}

}  // namespace

SqliteOutbox::SqliteOutbox(sqlite::Database& database)
    : m_database(database),
      m_rows(database),
      m_letters(database),
      m_boot_id(read_boot_id()),
      m_lease(database,
              "INSERT INTO leases(name, owner, boot_id, until) VALUES('outbox', ?1, ?2, ?3) "
              "ON CONFLICT DO UPDATE SET owner = ?1, boot_id = ?2, until = ?3 "
              "WHERE owner = ?1 OR boot_id <> ?2 OR until <= ?4"),
      m_waiting(database, k_select_outbox +
                              "WHERE seq > ? AND o.state = 0 "
                              "AND o.topic NOT IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT ?"),
      m_remove(database, "DELETE FROM outbox WHERE seq = ? RETURNING letter"),
      m_park(database, "UPDATE outbox SET state = ?, error = ? WHERE seq = ?"),
      m_replace(database, "UPDATE outbox SET headers = ?, value = ? WHERE seq = ?"),
      m_counts(database, "SELECT count(*), count(letter) FROM outbox WHERE state = ?"),
      m_owed(database, k_select_outbox + "WHERE seq > ? AND o.state IN (0, 2) ORDER BY seq LIMIT ?"),
      m_unpark(database, "UPDATE outbox SET state = 0, error = '' WHERE state = 2") {}

void SqliteOutbox::append(std::span<OutboxRow> rows) {
  const WallTime now = SystemClock().now();
  sqlite::Transaction transaction(m_database);
  for (OutboxRow& row : rows) {
    if (!row.letter.empty())
      throw Error(ErrorCode::internal, "a dead letter is owed by its own outcome only");
    row.seq = m_rows.add(row.record, row.event_id, std::nullopt, now);
    row.created = now;
  }
  transaction.commit();
}

bool SqliteOutbox::lease(const std::string& owner, Milliseconds duration) {
  const std::int64_t now = boot_time();
  sqlite::Transaction transaction(m_database);
  const bool taken = m_lease.run(owner, m_boot_id, now + duration.count(), now) == 1;
  transaction.commit();
  return taken;
}

std::vector<OutboxRow> SqliteOutbox::waiting(std::int64_t after, std::size_t limit,
                                             std::span<const std::string> held) {
  std::vector<OutboxRow> rows;
  const std::string held_list = json_list(held);
  sqlite::Rows found = m_waiting.query(after, held_list, limit);
  while (found.next()) rows.push_back(read_outbox_row(found));
  return rows;
}

void SqliteOutbox::mark_sent(std::span<const std::int64_t> seqs) {
  sqlite::Transaction transaction(m_database);
  for (const std::int64_t seq : seqs) {
    std::optional<std::int64_t> letter;
    {
      sqlite::Rows removed = m_remove.query(seq);
      if (removed.next()) letter = removed.optional_integer(0);
    }
    if (letter) m_letters.mark_published(*letter);
  }
  transaction.commit();
}

void SqliteOutbox::park(std::int64_t seq, const std::string& error) {
  sqlite::Transaction transaction(m_database);
  m_park.run(k_parked, error, seq);
  transaction.commit();
}

void SqliteOutbox::replace(std::int64_t seq, const Record& record) {
  const std::string headers = encode_headers(record.headers);
  sqlite::Transaction transaction(m_database);
  m_replace.run(sqlite::Blob{headers}, sqlite::optional_blob(record.value), seq);
  transaction.commit();
}

OutboxCounts SqliteOutbox::counts() {
  OutboxCounts counts;
  {
    sqlite::Rows waiting = m_counts.query(k_waiting);
    if (waiting.next()) counts = {.waiting = waiting.integer(0), .waiting_letters = waiting.integer(1)};
  }
  sqlite::Rows parked = m_counts.query(k_parked);
  if (parked.next()) counts.parked = parked.integer(0);
  return counts;
}

std::vector<OutboxRow> SqliteOutbox::owed(std::int64_t after, std::size_t limit) {
  std::vector<OutboxRow> rows;
  sqlite::Rows found = m_owed.query(after, limit);
  while (found.next()) rows.push_back(read_outbox_row(found));
  return rows;
}

std::int64_t SqliteOutbox::unpark() {
  sqlite::Transaction transaction(m_database);
  const auto count = m_unpark.run();
  transaction.commit();
  return count;
}

}  // namespace kbeat::store
