// The low watermark of a partition.
#include "kbeat/pipeline/partition_state.hpp"

#include <algorithm>
#include <utility>

namespace kbeat::pipeline {

PartitionState::PartitionState(const store::StoredPosition& position)
    : m_partition(position.partition),
      m_epoch(position.epoch),
      m_generation(position.generation),
      m_incarnation(position.incarnation),
      m_next(position.next.value_or(Offset{0})),
      m_seen(m_next),
      m_mark(position.mark),
      m_finished_before(position.finished) {}

Offset PartitionState::read_up_to() const {
  return m_seen;
}

bool PartitionState::arrived(Offset offset) {
  if (offset < m_seen || (m_end && offset >= *m_end)) return false;
  m_seen = Offset{offset.get() + 1};
  const bool finished = m_finished_before.erase(offset.get()) > 0;
  m_slots.push_back({.offset = offset, .fate = finished ? Fate::committed : Fate::open, .mark = {}});
  return !finished;
}

void PartitionState::end_reached(Offset next) {
  m_seen = std::max(m_seen, m_end ? std::min(next, *m_end) : next);
}

void PartitionState::stop_at(Offset end) {
  m_end = m_end ? std::min(*m_end, end) : end;
}

void PartitionState::batch(Offset offset) {
  if (Slot* slot = find(offset)) {
    slot->fate = Fate::batched;
    m_batched.push_back(offset);
  }
}

bool PartitionState::may_be_last(Offset offset) {
  const auto found = std::upper_bound(m_slots.begin(), m_slots.end(), offset,
                                      [](Offset wanted, const Slot& slot) { return wanted < slot.offset; });
  if (found == m_slots.end() || found->fate == Fate::open) return true;
  return found->fate == Fate::committed && found->mark.hash.empty();
}

void PartitionState::mark(store::RecordMark mark) {
  if (Slot* slot = find(mark.offset)) slot->mark = std::move(mark);
}

PartitionState::Progress PartitionState::progress() const {
  Progress progress{.next = m_seen, .mark = m_mark};
  for (const Slot& slot : m_slots) {
    if (slot.fate == Fate::open) {
      progress.next = slot.offset;
      break;
    }
    if (!slot.mark.hash.empty()) progress.mark = slot.mark;
  }
  return progress;
}

void PartitionState::batch_committed() {
  const Progress now = progress();
  m_next = now.next;
  m_mark = now.mark;
  while (!m_slots.empty() && m_slots.front().fate != Fate::open) m_slots.pop_front();
  settle_batched(Fate::committed);
}

void PartitionState::batch_failed() {
  settle_batched(Fate::open);
}

void PartitionState::settle_batched(Fate fate) {
  for (const Offset offset : m_batched) {
    if (Slot* slot = find(offset)) slot->fate = fate;
  }
  m_batched.clear();
}

PartitionState::Slot* PartitionState::find(Offset offset) {
  if (m_slots.empty() || offset < m_slots.front().offset) return nullptr;
  // Where offsets have no holes it lies as far behind the first as its offset says.
  const auto place = static_cast<std::size_t>(offset.get() - m_slots.front().offset.get());
  if (place < m_slots.size() && m_slots[place].offset == offset) return &m_slots[place];
  const auto found = std::lower_bound(m_slots.begin(), m_slots.end(), offset,
                                      [](const Slot& slot, Offset wanted) { return slot.offset < wanted; });
  return found != m_slots.end() && found->offset == offset ? &*found : nullptr;
}

}  // namespace kbeat::pipeline
