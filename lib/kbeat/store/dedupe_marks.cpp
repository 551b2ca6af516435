// Dedupe marks: who has handled which event, by hash, so that a redelivery changes nothing.
#include "kbeat/store/dedupe_marks.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "kbeat/sqlite/transaction.hpp"

namespace kbeat::store {
namespace {

std::vector<std::int64_t> all_owners(sqlite::Database& database) {
  std::vector<std::int64_t> owners;
  sqlite::Statement select(database, "SELECT id FROM mark_owners");
  sqlite::Rows rows = select.query();
  while (rows.next()) owners.push_back(rows.integer(0));
  return owners;
}

}  // namespace

HashValue mark_value(std::string_view value_hash) {
  HashValue value;
  std::memcpy(&value, value_hash.data(), std::min(value_hash.size(), sizeof value));
  return value;
}

DedupeMarks::DedupeMarks(sqlite::Database& database)
    : m_database(database),
      m_find_owner(database, "SELECT id FROM mark_owners WHERE group_id = ? AND handler = ?"),
      m_make_owner(database,
                   "INSERT INTO mark_owners(group_id, handler) VALUES(?, ?) ON CONFLICT DO NOTHING"),
      m_index(database, IndexKind::dedupe_marks) {}

MarkOwner DedupeMarks::owner(const std::string& group, const std::string& handler) {
  if (const auto known = known_owner(group, handler)) return *known;
  sqlite::Transaction transaction(m_database);
  m_make_owner.run(group, handler);
  transaction.commit();
  return known_owner(group, handler).value();
}

std::optional<MarkOwner> DedupeMarks::known_owner(const std::string& group, const std::string& handler) {
  const std::pair key(group, handler);
  if (const auto found = m_owners.find(key); found != m_owners.end()) return found->second;
  sqlite::Rows rows = m_find_owner.query(group, handler);
  if (!rows.next()) return std::nullopt;
  return m_owners.emplace(key, MarkOwner(rows.integer(0))).first->second;
}

HashKey DedupeMarks::key(MarkOwner owner, std::string_view identity) {
  return owned_key(hash_key(identity), owner.get());
}

std::size_t DedupeMarks::drop(WallTime before) {
  std::int64_t dropped = 0;
  for (bool more = true; more;) {
    sqlite::Transaction transaction(m_database);
    m_index.refresh();
    // Those put back count as written now, and never as old again in this round.
    const WallTime now = std::max(SystemClock().now(), before);
    const auto went = m_index.drop_oldest(before, needed_keys(), now);
    transaction.commit();
    m_index.committed();
    dropped += went.value_or(0);
    more = went.has_value();
  }
  return static_cast<std::size_t>(dropped);
}

std::int64_t DedupeMarks::count_older(WallTime before) {
  const sqlite::ReadTransaction same_state(m_database);
  m_index.refresh();
  return m_index.count_older(before);
}

std::vector<HashKey> DedupeMarks::needed_keys() {
  const std::vector<std::int64_t> owners = all_owners(m_database);
  sqlite::Statement ids(m_database,
                        "SELECT event_id FROM outbox UNION "
                        "SELECT event_id FROM dead_letters WHERE state IN ('pending', 'published')");
  std::vector<HashKey> keys;
  sqlite::Rows rows = ids.query();
  while (rows.next()) {
    const HashKey identity = hash_key(rows.bytes(0));
    for (const std::int64_t owner : owners) keys.push_back(owned_key(identity, owner));
  }
  return keys;
}

}  // namespace kbeat::store
