// Appending and fetching batches.
#include "kbeat/transport/log/log_records.hpp"

#include <algorithm>
#include <random>

#include "kbeat/base/error.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/transport/log/log_schema.hpp"

namespace kbeat::transport::log {
namespace {

using local::Appended;

std::int64_t wall_now() {
  return milliseconds(std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()));
}

/// Random, so that making a producer writes nothing. 0 is no producer.
std::int64_t new_producer_id() {
  std::random_device random;
  return static_cast<std::int64_t>(std::uint64_t{random()} << 31 | random() >> 1) + 1;
}

bool has_transaction(const local::ProducerStamp& producer) {
  return !producer.transactional_id.empty();
}

}  // namespace

LogRecords::LogRecords(sqlite::Database& database, NotifyFile& notify, local::TopicLedger& topics,
                       LogGroups& groups)
    : m_database(database),
      m_notify(notify),
      m_groups(groups),
      m_take_transactional_id(database, "INSERT OR REPLACE INTO transactional_ids VALUES(?, ?)"),
      m_holder(database, "SELECT producer FROM transactional_ids WHERE name = ?"),
      m_sequence(database, "SELECT sequence FROM producers WHERE id = ?"),
      m_set_sequence(database, "INSERT OR REPLACE INTO producers VALUES(?, ?, ?)"),
      m_partition(database, "SELECT next, newest FROM partitions WHERE id = ?"),
      m_advance(database, "UPDATE partitions SET next = ?2, newest = ?3, bytes = bytes + ?4 WHERE id = ?1"),
      m_insert(database, "INSERT INTO batches VALUES(?, ?, ?, ?, ?)"),
      m_ends(database, "SELECT start, next FROM partitions WHERE id = ?"),
      m_first_place(database,
                    "SELECT place FROM batches WHERE place BETWEEN ? AND ? ORDER BY place DESC LIMIT 1"),
      m_batches(
          database,
          "SELECT place, last, data FROM batches WHERE place BETWEEN ? AND ? AND last >= ? ORDER BY place"),
      m_outbox(database, "SELECT first, last FROM outbox WHERE store = ?"),
      m_clear_outbox(database, "DELETE FROM outbox WHERE store = ?"),
      m_add_outbox(database, "INSERT INTO outbox VALUES(?, ?, ?)"),
      m_first_newer(
          database,
          "SELECT place, newest_so_far FROM batches WHERE place BETWEEN ? AND ? ORDER BY place LIMIT 1"),
      m_newer_from(database,
                   "SELECT place, last, data FROM batches WHERE place BETWEEN ? AND ? AND newest >= ? "
                   "ORDER BY place LIMIT 1"),
      m_cleaner(database, notify, topics) {}

local::ProducerStamp LogRecords::enter(const std::string& transactional_id) {
  const local::ProducerStamp stamp{.id = new_producer_id(), .transactional_id = transactional_id};
  if (!has_transaction(stamp)) return stamp;
  sqlite::Transaction transaction(m_database);
  m_take_transactional_id.run(transactional_id, stamp.id);
  transaction.commit();
  return stamp;
}

void LogRecords::check_holder(const local::ProducerStamp& producer) {
  auto rows = m_holder.query(producer.transactional_id);
  local::check_holds(producer, rows.next() ? rows.integer(0) : 0);
}

bool LogRecords::was_stored(const local::Append& append) {
  auto rows = m_sequence.query(append.producer.id);
  return rows.next() && rows.integer(0) >= append.sequence;
}

std::vector<Appended> LogRecords::append(const local::Append& append) {
  std::vector<Appended> answers;
  OutboxSets outbox;
  sqlite::Transaction transaction(m_database);
  if (has_transaction(append.producer)) check_holder(append.producer);
  if (was_stored(append)) {
    answers.resize(append.batches.size());
    for (Appended& answer : answers) answer.fate = Appended::Fate::stored_before;
    return answers;
  }
  for (const local::NewBatch& batch : append.batches) {
    answers.push_back(store(batch, outbox));
    const bool is_gone = answers.back().fate == Appended::Fate::topic_gone;
    if (is_gone && has_transaction(append.producer)) local::refuse_transaction();
  }
  for (const local::GroupPositions& positions : append.positions) m_groups.write_positions(positions);
  write_outbox(outbox);
  m_set_sequence.run(append.producer.id, append.sequence, wall_now());
  transaction.commit();
  m_notify.announce(NotifyFile::What::records);
  return answers;
}

Appended LogRecords::store(const local::NewBatch& batch, OutboxSets& outbox) {
  Appended answer;
  Offset next;
  std::int64_t newest_before = 0;
  {
    auto rows = m_partition.query(batch.partition.get());
    if (!rows.next()) {
      answer.fate = Appended::Fate::topic_gone;
      return answer;
    }
    next = Offset{rows.integer(0)};
    newest_before = rows.integer(1);
  }
  const auto known = [&](const std::string& store) -> local::SequenceSet& {
    return outbox_of(store, outbox);
  };
  const local::StoredBatch stored = local::place_batch(batch, next, known, answer);
  if (!stored.bytes) return answer;
  const std::int64_t newest = answer.passed_over.empty() ? milliseconds(batch.max_timestamp)
                                                         : local::check_batch(*stored.bytes).max_timestamp;
  const std::int64_t newest_so_far = std::max(newest, newest_before);
  m_insert.run(place_of(batch.partition, stored.base), stored.last.get(), newest, newest_so_far,
               sqlite::Blob{*stored.bytes});
  m_advance.run(batch.partition.get(), next.get() + batch.records, newest_so_far, stored.bytes->size());
  return answer;
}

local::SequenceSet& LogRecords::outbox_of(const std::string& store, OutboxSets& outbox) {
  const auto [known, is_new] = outbox.try_emplace(store);
  if (!is_new) return known->second;
  auto rows = m_outbox.query(store);
  while (rows.next()) known->second.restore(rows.integer(0), rows.integer(1));
  return known->second;
}

void LogRecords::write_outbox(const OutboxSets& outbox) {
  for (const auto& [store, set] : outbox) {
    m_clear_outbox.run(store);
    for (const auto& [first, last] : set.ranges()) m_add_outbox.run(store, first, last);
  }
}

std::optional<local::Fetched> LogRecords::fetch(local::PartitionKey partition, Offset from,
                                                std::size_t most_bytes) {
  const sqlite::ReadTransaction one_state(m_database);
  auto ends = m_ends.query(partition.get());
  if (!ends.next()) return std::nullopt;
  local::Fetched fetched{.start = Offset{ends.integer(0)}, .next = Offset{ends.integer(1)}, .batches = {}};
  if (from >= fetched.start && from < fetched.next) read_batches(partition, from, most_bytes, fetched);
  return fetched;
}

void LogRecords::read_batches(local::PartitionKey partition, Offset from, std::size_t most_bytes,
                              local::Fetched& fetched) {
  const PlaceRange places = places_of(partition);
  std::int64_t first = place_of(partition, from);
  if (auto rows = m_first_place.query(places.first, first); rows.next()) first = rows.integer(0);
  auto rows = m_batches.query(first, places.last, from.get());
  for (std::size_t bytes = 0; bytes < most_bytes && rows.next();) {
    auto data = std::make_shared<const std::string>(rows.bytes(2));
    bytes += data->size();
    fetched.batches.push_back({base_of(rows.integer(0)), Offset{rows.integer(1)}, std::move(data)});
  }
}

std::optional<local::StoredBatch> LogRecords::find_time(local::PartitionKey partition, WallTime time) {
  const sqlite::ReadTransaction one_state(m_database);
  const PlaceRange places = places_of(partition);
  const std::int64_t wanted = milliseconds(time);
  // newest_so_far never falls, so the first batch at or above `wanted` is found by halving.
  std::int64_t low = places.first;
  std::int64_t high = places.last;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    auto rows = m_first_newer.query(middle, places.last);
    const bool is_high_enough = !rows.next() || rows.integer(1) >= wanted;
    if (is_high_enough) {
      high = middle;
    } else {
      low = rows.integer(0) + 1;
    }
  }
  auto rows = m_newer_from.query(low, places.last, wanted);
  if (!rows.next()) return std::nullopt;
  return local::StoredBatch{base_of(rows.integer(0)), Offset{rows.integer(1)},
                            std::make_shared<const std::string>(rows.bytes(2))};
}

local::Cleaned LogRecords::clean(WallTime now, local::CleaningEffort effort) {
  return m_cleaner.clean(now, effort);
}

}  // namespace kbeat::transport::log
