// A map from hashes to small values whose cost does not grow with its size.
#include "kbeat/store/hash_index.hpp"

#include <algorithm>
#include <utility>

namespace kbeat::store {
namespace {

constexpr std::size_t k_runs_a_level = 8;
/// Merging more at once would hold the write lock for too long.
constexpr std::int64_t k_largest_merge = 1'000'000;

/// No function: what sorts and merges is compiled with the comparison in it.
constexpr auto by_key = [](const HashEntry& one, const HashEntry& other) { return one.key < other.key; };

/// Merges sorted stretches of `entries`; of equal keys the one of the earlier stretch stays.
void merge_stretches(std::vector<HashEntry>& entries, std::vector<std::size_t> ends) {
  const auto at = [&](std::size_t index) { return entries.begin() + static_cast<std::ptrdiff_t>(index); };
  while (ends.size() > 1) {
    std::vector<std::size_t> merged;
    for (std::size_t i = 0; i < ends.size(); i += 2) {
      const std::size_t begin = i == 0 ? 0 : ends[i - 1];
      const std::size_t end = std::min(i + 1, ends.size() - 1);
      std::inplace_merge(at(begin), at(ends[i]), at(ends[end]), by_key);
      merged.push_back(ends[end]);
    }
    ends = std::move(merged);
  }
  const auto same_key = [](const HashEntry& one, const HashEntry& other) { return one.key == other.key; };
  entries.erase(std::unique(entries.begin(), entries.end(), same_key), entries.end());
}

}  // namespace

HashIndex::HashIndex(sqlite::Database& database, IndexKind kind)
    : m_table(database, kind), m_data_version_query(database, "PRAGMA data_version") {}

void HashIndex::refresh() {
  m_put.clear();
  // A run that was rolled back leaves its id to another.
  if (std::exchange(m_uncommitted, false)) {
    m_runs.clear();
    m_data_version.reset();
  }
  const std::int64_t version = data_version();
  if (m_data_version == version) return;
  m_data_version = version;
  std::vector<HashRun> known = std::exchange(m_runs, {});
  for (const std::int64_t id : m_table.ids()) {
    const auto found =
        std::find_if(known.begin(), known.end(), [&](const HashRun& run) { return run.id == id; });
    m_runs.push_back(found != known.end() ? std::move(*found) : m_table.read(id));
  }
}

std::int64_t HashIndex::data_version() {
  sqlite::Rows row = m_data_version_query.query();
  return row.next() ? row.integer(0) : 0;
}

std::optional<HashValue> HashIndex::find(const HashKey& key, bool may_be_written) {
  if (const HashValue* found = m_put.find(key)) return *found;
  return may_be_written ? find_written(key) : std::nullopt;
}

std::optional<HashValue> HashIndex::find_written(const HashKey& key) {
  for (const HashRun& run : m_runs) {
    if (const auto value = m_table.find(run, key)) return value;
  }
  return std::nullopt;
}

std::vector<bool> HashIndex::may_be_written(std::span<const HashKey> keys) const {
  std::vector<bool> may_be(keys.size());
  for (const HashRun& run : m_runs) {
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (run.filter.may_have(keys[i])) may_be[i] = true;
  }
  return may_be;
}

void HashIndex::write(WallTime now) {
  if (m_put.entries().empty()) return;
  std::vector<HashEntry> entries(m_put.entries().begin(), m_put.entries().end());
  std::sort(entries.begin(), entries.end(), by_key);
  add_run(0, entries, now);
  for (int level = 0; merge_level(level);) ++level;
  m_put.clear();
}

void HashIndex::add_run(int level, std::span<const HashEntry> entries, WallTime newest) {
  m_uncommitted = true;
  HashRun run = m_table.write(level, entries, newest);
  const auto place =
      std::find_if(m_runs.begin(), m_runs.end(), [&](const HashRun& other) { return other.level >= level; });
  m_runs.insert(place, std::move(run));
}

bool HashIndex::merge_level(int level) {
  const auto at_level = [&](const HashRun& run) { return run.level == level; };
  const auto first = std::find_if(m_runs.begin(), m_runs.end(), at_level);
  const auto last = std::find_if_not(first, m_runs.end(), at_level);
  std::int64_t total = 0;
  for (auto run = first; run != last; ++run) total += run->entries;
  if (static_cast<std::size_t>(last - first) < k_runs_a_level || total > k_largest_merge) return false;
  std::vector<HashEntry> entries;
  entries.reserve(static_cast<std::size_t>(total));
  std::vector<std::size_t> ends;
  WallTime newest{};
  for (auto run = first; run != last; ++run) {
    m_table.read_entries(*run, entries);
    ends.push_back(entries.size());
    newest = std::max(newest, run->newest);
    m_table.remove(*run);
  }
  m_runs.erase(first, last);
  merge_stretches(entries, std::move(ends));
  add_run(level + 1, entries, newest);
  return true;
}

std::int64_t HashIndex::count_older(WallTime before) const {
  std::int64_t entries = 0;
  for (const HashRun& run : m_runs) entries += run.newest < before ? run.entries : 0;
  return entries;
}

std::optional<std::int64_t> HashIndex::drop_oldest(WallTime before, std::span<const HashKey> keep,
                                                   WallTime now) {
  const auto old =
      std::find_if(m_runs.rbegin(), m_runs.rend(), [&](const HashRun& run) { return run.newest < before; });
  if (old == m_runs.rend()) return std::nullopt;
  for (const HashKey& key : keep) {
    if (const auto value = m_table.find(*old, key); value && find_written(key) == value) put(key, *value);
  }
  const std::int64_t dropped = old->entries - static_cast<std::int64_t>(collected());
  m_uncommitted = true;
  m_table.remove(*old);
  m_runs.erase(std::next(old).base());
  write(now);
  return dropped;
}

}  // namespace kbeat::store
