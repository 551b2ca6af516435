// Retention by time and bytes, compaction by key.
#include "kbeat/transport/local/cleaning.hpp"

namespace kbeat::transport::local {
namespace {

constexpr std::size_t k_most_keys = 1'000'000;

}  // namespace

std::size_t count_expired(std::span<const BatchAge> oldest, std::int64_t total_bytes, const TopicRules& rules,
                          WallTime now) {
  if (!rules.deletes) return 0;
  std::size_t expired = 0;
  for (const BatchAge& batch : oldest) {
    const bool too_old = rules.retention && batch.newest < now - *rules.retention;
    const bool too_much = rules.retention_bytes && total_bytes - batch.bytes >= *rules.retention_bytes;
    if (!too_old && !too_much) break;
    total_bytes -= batch.bytes;
    ++expired;
  }
  return expired;
}

KeyMap::Took KeyMap::take(const RecordBatch& batch) {
  if (m_last.size() >= k_most_keys) return Took::is_full;
  for (const RecordView& record : batch.records()) {
    if (record.key) m_last.insert_or_assign(std::string(*record.key), record.offset);
  }
  return Took::yes;
}

bool KeyMap::keeps(const RecordView& record, const TopicRules& rules, WallTime now) const {
  if (!record.key) return true;
  const auto last = m_last.find(std::string(*record.key));
  if (last != m_last.end() && record.offset < last->second) return false;
  return record.value || record.timestamp >= now - rules.tombstone_retention;
}

std::optional<StoredBatch> compacted(const StoredBatch& batch, const KeyMap& keys, const TopicRules& rules,
                                     WallTime now) {
  return filtered(batch, [&](const RecordView& record) { return keys.keeps(record, rules, now); });
}

}  // namespace kbeat::transport::local
