// A map from hashes to small values whose cost does not grow with its size.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kbeat/store/hash_runs.hpp"
#include "kbeat/store/pending_entries.hpp"

namespace kbeat::store {

/// Hashes have no order to profit from: in a B-tree each of them would rewrite a page of its own (8 KiB for
/// 32 bytes). So entries are collected during a transaction and written as one sorted run; eight runs of a
/// level become one of the next, as in a log-structured merge tree (O'Neil, Cheng, Gawlick and O'Neil,
/// Acta Informatica 33, 1996). A filter for each run, kept in memory, tells where not to look.
///
/// For one thread, with its database, within transactions: refresh first, then find and put, and write
/// before a commit; say committed after it.
class HashIndex {
 public:
  HashIndex(sqlite::Database& database, IndexKind kind);

  /// Learns what other connections changed, and forgets what was put but never committed.
  void refresh();
  /// The youngest value of the key.
  [[nodiscard]] std::optional<HashValue> find(const HashKey& key) { return find(key, true); }
  /// As above, with what `may_be_written` said of the key.
  [[nodiscard]] std::optional<HashValue> find(const HashKey& key, bool may_be_written);
  /// Of each key whether a run may have it, after a refresh and before any write. Asked for many keys at once
  /// each filter stays in the cache, and what does not fit is waited for together.
  [[nodiscard]] std::vector<bool> may_be_written(std::span<const HashKey> keys) const;
  void put(const HashKey& key, const HashValue& value) { m_put.put(key, value); }

  /// Entries put since the last write; `undo_to` takes those away that came after that many.
  [[nodiscard]] std::size_t collected() const { return m_put.entries().size(); }
  void undo_to(std::size_t collected) { m_put.cut(collected); }

  /// Writes what was put, and merges runs where there are enough of them.
  void write(WallTime now);
  void committed() { m_uncommitted = false; }

  /// Runs whose entries were all written before `before`.
  [[nodiscard]] std::int64_t count_older(WallTime before) const;
  /// Removes the oldest of them, its entries under `keep` put back, and returns how many entries went;
  /// nothing when there is none. One run a call, so that transactions stay short.
  [[nodiscard]] std::optional<std::int64_t> drop_oldest(WallTime before, std::span<const HashKey> keep,
                                                        WallTime now);

 private:
  [[nodiscard]] std::int64_t data_version();
  [[nodiscard]] std::optional<HashValue> find_written(const HashKey& key);
  void add_run(int level, std::span<const HashEntry> entries, WallTime newest);
  [[nodiscard]] bool merge_level(int level);

  HashRuns m_table;
  sqlite::Statement m_data_version_query;
  std::vector<HashRun> m_runs;  ///< youngest entries first
  PendingEntries m_put;
  std::optional<std::int64_t> m_data_version;
  bool m_uncommitted = false;
};

}  // namespace kbeat::store
