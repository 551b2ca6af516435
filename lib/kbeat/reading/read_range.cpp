// Bounds to offsets, one look-up for each kind of bound that occurs.
#include "kbeat/reading/read_range.hpp"

#include <algorithm>

namespace kbeat::reading {
namespace {

/// Looks the log's ends up when they are first asked for.
class LogEnds {
 public:
  LogEnds(std::span<const TopicPartition> partitions, transport::OffsetAdmin& offsets)
      : m_partitions(partitions), m_offsets(offsets) {}

  Offset earliest(std::size_t i) { return looked_up(m_earliest, transport::LogEnd::earliest)[i]; }
  /// Behind it lies what open transactions may still take back: it comes once they are decided.
  Offset latest(std::size_t i) { return looked_up(m_latest, transport::LogEnd::last_stable)[i]; }
  Offset at(std::size_t i, std::int64_t milliseconds) {
    return m_offsets.offsets_at({&m_partitions[i], 1}, WallTime{Milliseconds{milliseconds}}).front();
  }

 private:
  std::vector<Offset>& looked_up(std::vector<Offset>& known, transport::LogEnd end) {
    if (known.empty()) known = m_offsets.offsets(m_partitions, end);
    return known;
  }

  std::span<const TopicPartition> m_partitions;
  transport::OffsetAdmin& m_offsets;
  std::vector<Offset> m_earliest;
  std::vector<Offset> m_latest;
};

Offset offset_of(const Bound& bound, std::size_t i, LogEnds& ends) {
  switch (bound.kind) {
    case BoundKind::earliest:
    case BoundKind::stored: return ends.earliest(i);
    case BoundKind::latest: return ends.latest(i);
    case BoundKind::offset: return Offset{bound.value};
    case BoundKind::time: return ends.at(i, bound.value);
    case BoundKind::last: break;
  }
  return std::max(ends.earliest(i), Offset{ends.latest(i).get() - bound.value});
}

}  // namespace

const Bounds& ReadRange::of(Partition partition) const {
  const auto found = of_partition.find(partition.get());
  return found == of_partition.end() ? everywhere : found->second;
}

bool ReadRange::holds(const RecordView& record) const {
  return (!since || record.timestamp >= *since) && !is_too_new(record);
}

bool ReadRange::is_too_new(const RecordView& record) const {
  return until && record.timestamp >= *until;
}

std::vector<int> ReadRange::placed() const {
  std::vector<int> partitions;
  for (const auto& [partition, bounds] : of_partition) partitions.push_back(partition);
  return partitions;
}

bool ReadRange::needs_group() const {
  const auto stored = [](const Bounds& bounds) {
    return bounds.begin && bounds.begin->kind == BoundKind::stored;
  };
  return stored(everywhere) || std::any_of(of_partition.begin(), of_partition.end(),
                                           [&](const auto& entry) { return stored(entry.second); });
}

std::vector<Stretch> resolve(const ReadRange& range, const Bound& fallback,
                             std::span<const TopicPartition> partitions, transport::OffsetAdmin& offsets) {
  LogEnds ends(partitions, offsets);
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const Bounds& bounds = range.of(partitions[i].partition);
    const bool has_end = bounds.end || range.until;
    Bound begin = bounds.begin.value_or(has_end ? Bound{BoundKind::earliest, 0} : fallback);
    // Before that record, every stamp is older.
    if (!bounds.begin && range.since) begin = {BoundKind::time, range.since->time_since_epoch().count()};
    Stretch& stretch = stretches.emplace_back(Stretch{offset_of(begin, i, ends), std::nullopt});
    if (bounds.end) stretch.end = offset_of(*bounds.end, i, ends);
  }
  return stretches;
}

}  // namespace kbeat::reading
