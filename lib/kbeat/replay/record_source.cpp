// Hands out all that is left in one turn.
#include "kbeat/replay/record_source.hpp"

namespace kbeat::replay {

RecordSource::RecordSource(std::span<const Record> records)
    : m_records(records),
      m_cursor{{TopicPartition{TopicName{"records"}, Partition{0}}, Offset{0},
                Offset{static_cast<std::int64_t>(records.size())}}} {}

Cursor RecordSource::cursor_before(const RecordView&) const {
  Cursor before = m_cursor;
  before.front().next = Offset{before.front().next.get() - 1};
  return before;
}

Turn RecordSource::turn(Milliseconds, const Take& take) {
  Offset& next = m_cursor.front().next;
  while (static_cast<std::size_t>(next.get()) < m_records.size()) {
    const Record& record = m_records[static_cast<std::size_t>(next.get())];
    next = Offset{next.get() + 1};
    if (!take(RecordLoan(record).view())) break;
  }
  return static_cast<std::size_t>(next.get()) < m_records.size() ? Turn::more : Turn::end;
}

}  // namespace kbeat::replay
