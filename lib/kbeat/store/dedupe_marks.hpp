// Dedupe marks: who has handled which event, by hash, so that a redelivery changes nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "kbeat/base/clock.hpp"
#include "kbeat/base/strong.hpp"
#include "kbeat/sqlite/statement.hpp"
#include "kbeat/store/hash_index.hpp"

namespace kbeat::store {

/// A group and a handler, as marks name them.
using MarkOwner = Strong<struct MarkOwnerTag, std::int64_t>;

/// Of a value's SHA-256 a mark keeps the first 16 bytes.
[[nodiscard]] HashValue mark_value(std::string_view value_hash);

/// For one thread, with its database.
class DedupeMarks {
 public:
  explicit DedupeMarks(sqlite::Database& database);

  /// Outside a transaction: the first time ever it makes the owner's row in one of its own.
  [[nodiscard]] MarkOwner owner(const std::string& group, const std::string& handler);

  /// As `owner`, but nothing when nothing was ever marked for it; makes no row.
  [[nodiscard]] std::optional<MarkOwner> known_owner(const std::string& group, const std::string& handler);

  [[nodiscard]] static HashKey key(MarkOwner owner, std::string_view identity);
  [[nodiscard]] std::optional<HashValue> find(const HashKey& key) { return m_index.find(key); }
  /// As above, with what the index's `may_be_written` said of the key.
  [[nodiscard]] std::optional<HashValue> find(const HashKey& key, bool may_be_written) {
    return m_index.find(key, may_be_written);
  }
  /// Adds the mark, or replaces the one that is there.
  void put(const HashKey& key, std::string_view value_hash) { m_index.put(key, mark_value(value_hash)); }
  /// What `find` and `put` work on, for the transaction that they are part of.
  [[nodiscard]] HashIndex& index() { return m_index; }

  /// Drops marks older than `before`, by the run in which they lie, but those whose identity is the event id
  /// of an outbox row or of an open letter. In short transactions, so that writers get in between.
  std::size_t drop(WallTime before);
  /// How many `drop` would look at.
  [[nodiscard]] std::int64_t count_older(WallTime before);

 private:
  [[nodiscard]] std::vector<HashKey> needed_keys();

  sqlite::Database& m_database;
  std::map<std::pair<std::string, std::string>, MarkOwner> m_owners;
  sqlite::Statement m_find_owner;
  sqlite::Statement m_make_owner;
  HashIndex m_index;
};

}  // namespace kbeat::store
