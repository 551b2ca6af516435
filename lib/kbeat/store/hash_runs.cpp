// Sorted runs of hash entries in the file: written once, read by block, merged, dropped.
#include "kbeat/store/hash_runs.hpp"

#include <algorithm>
#include <cstring>

#include "kbeat/base/error.hpp"
#include "kbeat/store/column_times.hpp"
#include "kbeat/store/scale.hpp"

namespace kbeat::store {
namespace {

// Two blocks fill most of a page of the store; hashes spread evenly, so that even the fullest of a hundred
// thousand blocks rarely needs a second page.
constexpr std::int64_t k_entries_a_block = 90;
constexpr int k_block_number_bits = 24;  ///< of a block's row number, below the run's

std::int64_t blocks_of(std::int64_t entries) {
  return (entries + k_entries_a_block - 1) / k_entries_a_block;
}

std::int64_t row_of(std::int64_t run, std::int64_t block) {
  return run << k_block_number_bits | block;
}

void append_entries(std::string_view bytes, std::vector<HashEntry>& entries) {
  if (bytes.size() % sizeof(HashEntry) != 0) {
    throw Error(ErrorCode::database, "a block of the store's hash index is damaged: restore a backup");
  }
  const std::size_t before = entries.size();
  entries.resize(before + bytes.size() / sizeof(HashEntry));
  std::memcpy(entries.data() + before, bytes.data(), bytes.size());
}

HashEntry entry_at(std::string_view bytes, std::size_t index) {
  HashEntry entry;
  std::memcpy(&entry, bytes.data() + index * sizeof entry, sizeof entry);
  return entry;
}

/// Binary search among the entries of one block.
std::optional<HashValue> find_in(std::string_view bytes, const HashKey& key) {
  std::size_t low = 0;
  std::size_t high = bytes.size() / sizeof(HashEntry);
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const HashEntry entry = entry_at(bytes, middle);
    if (entry.key == key) return entry.value;
    if (entry.key < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return std::nullopt;
}

}  // namespace

HashRuns::HashRuns(sqlite::Database& database, IndexKind kind)
    : m_database(database),
      m_kind(static_cast<int>(kind)),
      m_ids(database, "SELECT id FROM hash_runs WHERE kind = ? ORDER BY level, id DESC"),
      m_read(database, "SELECT level, entries, newest, filter FROM hash_runs WHERE id = ?"),
      m_block(database, "SELECT entries FROM hash_blocks WHERE id = ?"),
      m_blocks(database, "SELECT entries FROM hash_blocks WHERE id >= ? AND id < ? ORDER BY id"),
      m_write(database, "INSERT INTO hash_runs(kind, level, entries, newest, filter) VALUES(?, ?, ?, ?, ?)"),
      m_write_block(database, "INSERT INTO hash_blocks(id, entries) VALUES(?, ?)"),
      m_remove(database, "DELETE FROM hash_runs WHERE id = ?"),
      m_remove_blocks(database, "DELETE FROM hash_blocks WHERE id >= ? AND id < ?") {}

std::vector<std::int64_t> HashRuns::ids() {
  std::vector<std::int64_t> ids;
  sqlite::Rows rows = m_ids.query(m_kind);
  while (rows.next()) ids.push_back(rows.integer(0));
  return ids;
}

HashRun HashRuns::read(std::int64_t id) {
  sqlite::Rows row = m_read.query(id);
  if (!row.next()) throw Error(ErrorCode::internal, "a run of the hash index is gone");
  return {.id = id,
          .level = static_cast<int>(row.integer(0)),
          .entries = row.integer(1),
          .newest = from_column(row.integer(2)),
          .filter = KeyFilter(row.bytes(3))};
}

std::optional<HashValue> HashRuns::find(const HashRun& run, const HashKey& key) {
  if (!run.filter.may_have(key)) return std::nullopt;
  const auto block = scale(key.high, static_cast<std::size_t>(blocks_of(run.entries)));
  sqlite::Rows row = m_block.query(row_of(run.id, static_cast<std::int64_t>(block)));
  return row.next() ? find_in(row.bytes(0), key) : std::nullopt;
}

void HashRuns::read_entries(const HashRun& run, std::vector<HashEntry>& entries) {
  sqlite::Rows rows = m_blocks.query(row_of(run.id, 0), row_of(run.id + 1, 0));
  while (rows.next()) append_entries(rows.bytes(0), entries);
}

HashRun HashRuns::write(int level, std::span<const HashEntry> entries, WallTime newest) {
  HashRun run{.id = 0,
              .level = level,
              .entries = static_cast<std::int64_t>(entries.size()),
              .newest = newest,
              .filter = KeyFilter(entries.size())};
  for (const HashEntry& entry : entries) run.filter.add(entry.key);
  m_write.run(m_kind, level, run.entries, to_column(newest), sqlite::Blob{run.filter.bytes()});
  run.id = m_database.last_insert_rowid();
  write_blocks(run.id, entries);
  return run;
}

void HashRuns::write_blocks(std::int64_t run, std::span<const HashEntry> entries) {
  const auto blocks = static_cast<std::size_t>(blocks_of(static_cast<std::int64_t>(entries.size())));
  auto first = entries.begin();
  while (first != entries.end()) {
    const std::size_t block = scale(first->key.high, blocks);
    const auto last = std::find_if(
        first, entries.end(), [&](const HashEntry& entry) { return scale(entry.key.high, blocks) != block; });
    const std::string_view bytes(reinterpret_cast<const char*>(&*first),
                                 static_cast<std::size_t>(last - first) * sizeof(HashEntry));
    m_write_block.run(row_of(run, static_cast<std::int64_t>(block)), sqlite::Blob{bytes});
    first = last;
  }
}

void HashRuns::remove(const HashRun& run) {
  m_remove.run(run.id);
  m_remove_blocks.run(row_of(run.id, 0), row_of(run.id + 1, 0));
}

}  // namespace kbeat::store
