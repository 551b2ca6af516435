// Cleaning in short transactions.
#include "kbeat/transport/log/log_cleaner.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/transport/log/log_schema.hpp"

namespace kbeat::transport::log {
namespace {

using local::Cleaned;
using local::CleaningEffort;

// By a writer, between two appends.
constexpr Milliseconds k_between_cleanings{30'000};
constexpr Milliseconds k_short_while{50};
// What lies further behind the former cleaning may be a clock that was set wrong.
constexpr Milliseconds k_longest_leap{3'600'000};
constexpr Milliseconds k_little_leap{10'000};
// Large enough that commits do not count, small enough to hold the write lock for some milliseconds.
constexpr std::int64_t k_drops_a_transaction = 64;
constexpr std::size_t k_bytes_a_transaction = 1u << 20;
// A producer that has not written for so long is forgotten.
constexpr Milliseconds k_producer_memory{7LL * 24 * 3600 * 1000};
constexpr std::int64_t k_free_pages_worth_returning = (64 << 20) / 4096;

void return_space(sqlite::Database& database) {
  const std::int64_t free = database.integer("PRAGMA freelist_count");
  if (free < k_free_pages_worth_returning || free < database.integer("PRAGMA page_count") / 2) return;
  sqlite::Transaction transaction(database);
  database.execute("PRAGMA incremental_vacuum(2048)");
  transaction.commit();
}

}  // namespace

LogCleaner::LogCleaner(sqlite::Database& database, NotifyFile& notify, local::TopicLedger& topics)
    : m_database(database),
      m_notify(notify),
      m_topics(topics),
      m_cleaned(database, "SELECT value FROM facts WHERE name = 'cleaned'"),
      m_set_cleaned(database, "UPDATE facts SET value = ? WHERE name = 'cleaned'"),
      m_doubted(database, "SELECT value FROM facts WHERE name = 'doubted'"),
      m_doubted_steady(database, "SELECT value FROM facts WHERE name = 'doubted_steady'"),
      m_set_doubted(database, "INSERT OR REPLACE INTO facts VALUES('doubted', ?), ('doubted_steady', ?)"),
      m_forget_doubt(database, "DELETE FROM facts WHERE name IN ('doubted', 'doubted_steady')"),
      m_forget_producers(
          database,
          "DELETE FROM producers WHERE seen < ? AND id NOT IN (SELECT producer FROM transactional_ids)"),
      m_bytes(database, "SELECT bytes FROM partitions WHERE id = ?"),
      m_oldest(database,
               "SELECT place, last, newest, length(data) FROM batches WHERE place BETWEEN ? AND ? "
               "ORDER BY place LIMIT ?"),
      m_drop(database, "DELETE FROM batches WHERE place BETWEEN ? AND ?"),
      m_set_start(
          database,
          "UPDATE partitions SET bytes = max(0, bytes - ?2), start = max(start, coalesce("
          "(SELECT place & 1099511627775 FROM batches WHERE place BETWEEN ?3 AND ?4 ORDER BY place LIMIT 1),"
          " next)) WHERE id = ?1"),
      m_progress(database, "SELECT start, next, compacted_to FROM partitions WHERE id = ?"),
      m_set_progress(database, "UPDATE partitions SET compacted_to = ?2 WHERE id = ?1"),
      m_from(database,
             "SELECT place, last, data FROM batches WHERE place BETWEEN ? AND ? ORDER BY place LIMIT 1"),
      m_replace(
          database,
          "UPDATE batches SET last = ?3, newest = ?4, data = ?5 WHERE place = ?1 AND length(data) = ?2"),
      m_drop_emptied(database, "DELETE FROM batches WHERE place = ?1 AND length(data) = ?2"),
      m_shrink(database, "UPDATE partitions SET bytes = max(0, bytes - ?2) WHERE id = ?1") {}

bool LogCleaner::is_due(WallTime now) {
  const std::int64_t cleaned = fact(m_cleaned).value_or(0);
  return milliseconds(now) < cleaned || milliseconds(now) - cleaned >= k_between_cleanings.count();
}

/// What retention removes does not come back: a clock that has leapt since the former cleaning is believed
/// once it has gone on from there for a while, by the clock that nobody sets.
bool LogCleaner::is_believed(WallTime now) {
  const std::int64_t cleaned = fact(m_cleaned).value_or(0), time = milliseconds(now);
  if (cleaned == 0 || (time >= cleaned && time - cleaned <= k_longest_leap.count())) return true;
  const std::int64_t steady =
      std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
  const auto doubted = fact(m_doubted), doubted_steady = fact(m_doubted_steady);
  if (doubted && doubted_steady && steady >= *doubted_steady) {
    const std::int64_t since = steady - *doubted_steady;
    if (std::abs(time - *doubted - since) < k_little_leap.count())
      return since >= k_between_cleanings.count();
  }
  sqlite::Transaction transaction(m_database);
  m_set_doubted.run(time, steady);
  transaction.commit();
  return false;
}

std::optional<std::int64_t> LogCleaner::fact(sqlite::Statement& statement) {
  auto rows = statement.query();
  return rows.next() ? std::optional(rows.integer(0)) : std::nullopt;
}

void LogCleaner::finish(WallTime now) {
  sqlite::Transaction transaction(m_database);
  m_set_cleaned.run(milliseconds(now));
  m_forget_doubt.run();
  m_forget_producers.run(milliseconds(now - k_producer_memory));
  transaction.commit();
  return_space(m_database);
}

Cleaned LogCleaner::clean(WallTime now, CleaningEffort effort) {
  std::optional<SteadyTime> deadline;
  if (effort == CleaningEffort::a_little) {
    if (!is_due(now) || !is_believed(now)) return Cleaned::all;
    deadline = std::chrono::steady_clock::now() + k_short_while;
  }
  const auto is_over = [&] { return deadline && std::chrono::steady_clock::now() >= *deadline; };
  if (remove_doomed(m_database, deadline) == Cleaned::more_is_left) return Cleaned::more_is_left;
  for (const local::TopicState& topic : m_topics.all()) {
    const local::TopicRules rules = local::rules_of(topic);
    for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
      const Target target{
          {topic.topic, Partition{static_cast<std::int32_t>(i)}}, topic.partitions[i], rules, now};
      while (expire(target) == Cleaned::more_is_left) {
        if (is_over()) return Cleaned::more_is_left;
      }
      if (rules.compacts) compact(target, effort);
      if (is_over()) return Cleaned::more_is_left;
    }
  }
  finish(now);
  return Cleaned::all;
}

Cleaned LogCleaner::expire(const Target& target) {
  const PlaceRange places = places_of(target.key);
  std::int64_t total = 0;
  if (auto rows = m_bytes.query(target.key.get()); rows.next()) total = rows.integer(0);
  std::vector<local::BatchAge> oldest;
  {
    auto rows = m_oldest.query(places.first, places.last, k_drops_a_transaction);
    while (rows.next()) {
      oldest.push_back({base_of(rows.integer(0)), Offset{rows.integer(1)},
                        WallTime{Milliseconds{rows.integer(2)}}, rows.integer(3)});
    }
  }
  const std::size_t expired = local::count_expired(oldest, total, target.rules, target.now);
  if (expired == 0) return Cleaned::all;
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < expired; ++i) bytes += oldest[i].bytes;
  sqlite::Transaction transaction(m_database);
  const bool was_first = m_drop.run(places.first, place_of(target.key, oldest[expired - 1].base)) > 0;
  m_set_start.run(target.key.get(), was_first ? bytes : 0, places.first, places.last);
  transaction.commit();
  m_notify.announce(NotifyFile::What::records);
  return expired == static_cast<std::size_t>(k_drops_a_transaction) ? Cleaned::more_is_left : Cleaned::all;
}

void LogCleaner::compact(const Target& target, CleaningEffort effort) {
  std::int64_t start = 0;
  std::int64_t next = 0;
  std::int64_t compacted_to = 0;
  if (auto rows = m_progress.query(target.key.get()); rows.next()) {
    start = rows.integer(0);
    next = rows.integer(1);
    compacted_to = std::max(start, rows.integer(2));
  }
  // As Kafka's min.cleanable.dirty.ratio of 0.5: rewriting all for little gain is not worth it.
  const bool is_worth_it = (next - compacted_to) * 2 > next - start;
  if (effort == CleaningEffort::a_little && !is_worth_it) return;
  local::KeyMap keys;
  const Offset end = learn_keys(target, Offset{compacted_to}, keys);
  rewrite(target, keys, end);
  sqlite::Transaction transaction(m_database);
  m_set_progress.run(target.key.get(), end.get());
  transaction.commit();
}

Offset LogCleaner::learn_keys(const Target& target, Offset from, local::KeyMap& keys) {
  const PlaceRange places = places_of(target.key);
  for (;;) {
    auto rows = m_from.query(place_of(target.key, from), places.last);
    if (!rows.next()) return from;
    const local::StoredBatch batch{base_of(rows.integer(0)), Offset{rows.integer(1)},
                                   std::make_shared<const std::string>(rows.bytes(2))};
    if (keys.take(local::decode({&batch, 1}, target.partition, batch.base)) == local::KeyMap::Took::is_full) {
      return batch.base;
    }
    from = Offset{batch.last.get() + 1};
  }
}

void LogCleaner::rewrite(const Target& target, const local::KeyMap& keys, Offset end) {
  const std::int64_t last_place = place_of(target.key, end) - 1;
  std::vector<Rewritten> rewritten;
  std::size_t bytes = 0;
  for (std::int64_t place = places_of(target.key).first; place <= last_place;) {
    local::StoredBatch batch;
    {
      auto rows = m_from.query(place, last_place);
      if (!rows.next()) break;
      place = rows.integer(0);
      batch = {base_of(place), Offset{rows.integer(1)}, std::make_shared<const std::string>(rows.bytes(2))};
    }
    bytes += batch.bytes->size();
    if (auto left = local::compacted(batch, keys, target.rules, target.now)) {
      rewritten.push_back({place, batch.bytes->size(), std::move(*left)});
    }
    ++place;
    if (bytes < k_bytes_a_transaction) continue;
    write_back(target, rewritten);
    bytes = 0;
  }
  write_back(target, rewritten);
}

std::int64_t LogCleaner::replace(const Rewritten& batch) {
  if (!batch.left.bytes) return m_drop_emptied.run(batch.place, batch.size_before);
  return m_replace.run(batch.place, batch.size_before, batch.left.last.get(),
                       local::check_batch(*batch.left.bytes).max_timestamp, sqlite::Blob{*batch.left.bytes});
}

void LogCleaner::write_back(const Target& target, std::vector<Rewritten>& batches) {
  if (batches.empty()) return;
  sqlite::Transaction transaction(m_database);
  std::size_t gained = 0;
  for (const Rewritten& batch : batches) {
    // Cleaning always makes a batch smaller: one of another size was cleaned by another process.
    const std::size_t size = batch.left.bytes ? batch.left.bytes->size() : 0;
    if (replace(batch) > 0) gained += batch.size_before - size;
  }
  m_shrink.run(target.key.get(), gained);
  transaction.commit();
  batches.clear();
}

Cleaned remove_doomed(sqlite::Database& database, std::optional<SteadyTime> deadline) {
  sqlite::Statement first(database, "SELECT partition FROM doomed LIMIT 1");
  sqlite::Statement drop(database,
                         "DELETE FROM batches WHERE place IN "
                         "(SELECT place FROM batches WHERE place BETWEEN ? AND ? ORDER BY place LIMIT ?)");
  sqlite::Statement forget(database, "DELETE FROM doomed WHERE partition = ?");
  for (;;) {
    std::int64_t partition = 0;
    if (auto rows = first.query(); rows.next()) partition = rows.integer(0);
    if (partition == 0) return Cleaned::all;
    if (deadline && std::chrono::steady_clock::now() >= *deadline) return Cleaned::more_is_left;
    const PlaceRange places = places_of(local::PartitionKey{partition});
    sqlite::Transaction transaction(database);
    const std::int64_t dropped = drop.run(places.first, places.last, k_drops_a_transaction);
    if (dropped < k_drops_a_transaction) forget.run(partition);
    transaction.commit();
  }
}

}  // namespace kbeat::transport::log
