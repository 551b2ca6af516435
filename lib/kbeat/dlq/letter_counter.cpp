// Letters seen and states taken, in whatever order the two topics give them.
#include "kbeat/dlq/letter_counter.hpp"

#include "kbeat/base/error.hpp"

namespace kbeat::dlq {

LetterCounter::LetterCounter(const DlqSource& source, const TopicName& dlq) : m_source(source), m_dlq(dlq) {}

void LetterCounter::take_state(std::string_view identity, LetterState state) {
  const LetterState former = m_index.set_state(identity, state);
  if (!m_index.was_seen(identity)) return;
  if (former == LetterState::open && state != LetterState::open) --m_open;
  if (former != LetterState::open && state == LetterState::open) ++m_open;
}

std::uint64_t LetterCounter::update(std::stop_token stop) {
  pipeline::BoundedReadOptions options{.client_id = "kbeat-dlq", .timeout = m_source.timeout};
  options.from = m_states_read;
  m_states_read = pipeline::read_states(m_source.transport, m_dlq, options, stop,
                                        [&](std::string_view identity, const pipeline::Decision& decision) {
                                          take_state(identity, decision.state);
                                        });
  std::uint64_t came = 0;
  options.from = m_letters_read;
  try {
    m_letters_read =
        pipeline::read_to_end(m_source.transport, m_dlq, options, stop, [&](const RecordView& record) {
          const SeenLetter letter = see_letter(record, {});
          if (!m_index.see(letter.id)) return;
          ++came;
          if (m_index.state(letter.id) == LetterState::open) ++m_open;
        });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
  }
  return came;
}

}  // namespace kbeat::dlq
