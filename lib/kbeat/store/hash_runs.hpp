// Sorted runs of hash entries in the file: written once, read by block, merged, dropped.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/sqlite/statement.hpp"
#include "kbeat/store/hash_entry.hpp"
#include "kbeat/store/key_filter.hpp"

namespace kbeat::store {

/// What the entries of an index are about; a number in the file.
enum class IndexKind { dedupe_marks = 0, quiz_events = 1, kept_events = 2 };

/// A run as it is kept in memory: all but its entries. Ids rise and are never used again.
struct HashRun {
  std::int64_t id = 0;
  int level = 0;
  std::int64_t entries = 0;
  WallTime newest;  ///< when its youngest entry was written
  KeyFilter filter;
};

/// For one thread, with its database. Reads within any transaction, writes within one that writes.
class HashRuns {
 public:
  HashRuns(sqlite::Database& database, IndexKind kind);

  /// Ids by age of their entries, the youngest first: by level, then backwards by id.
  [[nodiscard]] std::vector<std::int64_t> ids();
  [[nodiscard]] HashRun read(std::int64_t id);
  [[nodiscard]] std::optional<HashValue> find(const HashRun& run, const HashKey& key);
  /// Appends all entries of a run, sorted by key.
  void read_entries(const HashRun& run, std::vector<HashEntry>& entries);

  /// `entries` are sorted by key, each key once.
  [[nodiscard]] HashRun write(int level, std::span<const HashEntry> entries, WallTime newest);
  void remove(const HashRun& run);

 private:
  void write_blocks(std::int64_t run, std::span<const HashEntry> entries);

  sqlite::Database& m_database;
  int m_kind;
  sqlite::Statement m_ids;
  sqlite::Statement m_read;
  sqlite::Statement m_block;
  sqlite::Statement m_blocks;
  sqlite::Statement m_write;
  sqlite::Statement m_write_block;
  sqlite::Statement m_remove;
  sqlite::Statement m_remove_blocks;
};

}  // namespace kbeat::store
