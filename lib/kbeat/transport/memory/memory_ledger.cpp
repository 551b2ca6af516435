// Announcements between threads that share a memory ledger.
#include "kbeat/transport/memory/memory_ledger.hpp"

namespace kbeat::transport::memory {

void MemoryState::announce(What what) {
  if (what == What::control) ++control;
  ++any;
  changed.notify_all();
}

MemoryLedger::MemoryLedger(std::shared_ptr<MemoryState> state)
    : m_state(std::move(state)), m_topics(*m_state), m_records(*m_state), m_groups(*m_state) {}

local::Changes MemoryLedger::seen() {
  return {.any = m_state->any, .control = m_state->control};
}

void MemoryLedger::wait(const local::Changes& before, Milliseconds timeout) {
  std::unique_lock lock(m_state->mutex);
  m_state->changed.wait_for(lock, timeout, [&] { return m_state->any != before.any; });
}

}  // namespace kbeat::transport::memory
