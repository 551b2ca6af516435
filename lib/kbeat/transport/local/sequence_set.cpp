// Adding to a set of ranges, which join where they touch.
#include "kbeat/transport/local/sequence_set.hpp"

#include <iterator>

namespace kbeat::transport::local {

SequenceSet::Added SequenceSet::add(std::int64_t sequence) {
  auto after = m_ranges.upper_bound(sequence);
  auto range = m_ranges.end();
  if (after != m_ranges.begin()) {
    const auto before = std::prev(after);
    if (before->second >= sequence) return Added::was_there;
    if (before->second + 1 == sequence) range = before;
  }
  if (range == m_ranges.end()) range = m_ranges.emplace_hint(after, sequence, sequence);
  range->second = sequence;
  if (after != m_ranges.end() && sequence + 1 == after->first) {
    range->second = after->second;
    m_ranges.erase(after);
  }
  return Added::yes;
}

}  // namespace kbeat::transport::local
