// Counts the open letters of a DLQ, reading only what is new each time.
#pragma once

#include <cstdint>
#include <stop_token>

#include "kbeat/dlq/dlq_view.hpp"
#include "kbeat/pipeline/bounded_read.hpp"

namespace kbeat::dlq {

/// For one thread; holds 16 bytes a letter. The source outlives it.
class LetterCounter {
 public:
  LetterCounter(const DlqSource& source, const TopicName& dlq);

  /// Reads on; returns how many letters came that it had not seen. A DLQ that does not exist (yet) has none.
  std::uint64_t update(std::stop_token stop);
  [[nodiscard]] std::uint64_t open() const { return m_open; }

 private:
  void take_state(std::string_view identity, LetterState state);

  const DlqSource& m_source;
  TopicName m_dlq;
  LetterIndex m_index;
  pipeline::Ends m_letters_read;
  pipeline::Ends m_states_read;
  std::uint64_t m_open = 0;
};

}  // namespace kbeat::dlq
