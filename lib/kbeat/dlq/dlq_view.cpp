// Reading a DLQ, the archive and the outbox for letters, each identity once.
#include "kbeat/dlq/dlq_view.hpp"

#include <functional>
#include <vector>

#include "kbeat/base/error.hpp"
#include "kbeat/dlq/decision_notes.hpp"
#include "kbeat/dlq/letter_filter.hpp"
#include "kbeat/pipeline/bounded_read.hpp"

namespace kbeat::dlq {
namespace {

constexpr std::size_t k_page = 500;

struct Decided {
  LetterIndex& states;
  const DecisionNotes& notes;
};

/// Shows letters that were not seen before and that the query wants.
class Viewer {
 public:
  /// `archive` has the values of letters that went without theirs; it may be null.
  Viewer(const LetterQuery& query, Decided& decided, store::LetterArchive* archive, const LetterSink& sink)
      : m_query(query), m_filter(query), m_decided(decided), m_archive(archive), m_sink(sink) {}

  void show(const RecordView& record) {
    SeenLetter letter = see_letter(record, m_query.reading);
    const std::optional<LetterState> state = m_decided.states.look(letter.id);
    if (!state) return;
    letter.state = *state;
    if (const auto whole = letter.spilled ? whole_letter(letter) : std::nullopt)
      return show_whole(*whole, *state);
    pass_with_note(letter);
  }
  void show_archived(const store::ArchivedLetter& archived) {
    const RecordLoan loan(archived.record);
    SeenLetter letter = see_letter(loan.view(), m_query.reading);
    letter.id = archived.identity;
    const std::optional<LetterState> state = m_decided.states.look(letter.id);
    if (!state) return;
    // The archive keeps what it has: a letter that was sent back from there has another state since.
    letter.state = *state == LetterState::open ? LetterState::archived : *state;
    letter.decided_at = to_rfc3339(archived.archived_at);
    letter.decision_reason = archived.reason;
    if (letter.state == LetterState::archived) return pass(letter);
    pass_with_note(letter);
  }
  void show_pending(const Record& record) {
    const RecordLoan loan(record);
    SeenLetter letter = see_letter(loan.view(), m_query.reading);
    if (!m_decided.states.see(letter.id)) return;
    letter.state = LetterState::pending;
    pass(letter);
  }

 private:
  void show_whole(const Record& record, LetterState state) {
    const RecordLoan loan(record);
    SeenLetter letter = see_letter(loan.view(), m_query.reading);
    letter.state = state;
    pass_with_note(letter);
  }

  /// The letter as it would lie there if its topic took it.
  std::optional<Record> whole_letter(const SeenLetter& letter) const {
    if (m_archive == nullptr || !letter.partition || !letter.offset) return std::nullopt;
    const auto stored =
        m_archive->find(std::string(letter.cluster), std::string(letter.group),
                        {TopicName{std::string(letter.topic)}, *letter.partition}, *letter.offset);
    if (!stored) return std::nullopt;
    Record whole = to_dlq_record(*stored);
    whole.partition = letter.record.partition;
    whole.offset = letter.record.offset;
    whole.timestamp = letter.record.timestamp;
    return whole;
  }

  void pass_with_note(SeenLetter& letter) {
    if (const auto note = m_decided.notes.find(letter.id)) {
      if (note->at) letter.decided_at = to_rfc3339(*note->at);
      letter.decision_reason = note->reason;
    }
    pass(letter);
  }
  void pass(const SeenLetter& letter) {
    if (m_filter.wants(letter)) m_sink(letter);
  }

  const LetterQuery& m_query;
  LetterFilter m_filter;
  Decided& m_decided;
  store::LetterArchive* m_archive;
  const LetterSink& m_sink;
};

/// Own letters that the store still has for their topic, parked ones among them, copied: what waits now may
/// be sent, and seen in the topic, in a moment.
std::vector<Record> pending_letters(store::Outbox& outbox, const TopicName& dlq) {
  std::vector<Record> found;
  std::int64_t after = 0;
  while (true) {
    std::vector<store::OutboxRow> rows = outbox.owed(after, k_page);
    const bool last = rows.size() < k_page;
    for (store::OutboxRow& row : rows) {
      after = row.seq;
      if (!row.letter.empty() && row.record.topic == dlq) found.push_back(std::move(row.record));
    }
    if (last) return found;
  }
}

/// Calls `sink` with the topic's archived letters until it returns false.
void each_archived(store::LetterArchive& archive, const TopicName& dlq,
                   const std::function<bool(const store::ArchivedLetter&)>& sink) {
  std::int64_t after = 0;
  while (true) {
    const std::vector<store::ArchivedLetter> letters = archive.read(after, k_page);
    for (const store::ArchivedLetter& letter : letters) {
      after = letter.number;
      if (letter.record.topic == dlq && !sink(letter)) return;
    }
    if (letters.size() < k_page) return;
  }
}

/// The last state of every letter that has one, with when and why for `notes` where those are wanted.
LetterIndex read_decisions(const DlqSource& source, const TopicName& dlq, std::stop_token stop,
                           DecisionNotes* notes) {
  LetterIndex index;
  pipeline::read_states(source.transport, dlq, {.client_id = "kbeat-dlq", .timeout = source.timeout}, stop,
                        [&](std::string_view identity, const pipeline::Decision& decision) {
                          index.set_state(identity, decision.state);
                          if (notes != nullptr) notes->take(identity, decision);
                        });
  return index;
}

void view(const DlqSource& source, const TopicName& dlq, const LetterQuery& query, Decided decided,
          std::stop_token stop, const LetterSink& sink) {
  Viewer viewer(query, decided, source.archive, sink);
  std::vector<Record> pending;
  if (source.outbox != nullptr) pending = pending_letters(*source.outbox, dlq);
  try {
    pipeline::read_to_end(source.transport, dlq, {.client_id = "kbeat-dlq", .timeout = source.timeout}, stop,
                          [&](const RecordView& record) { viewer.show(record); });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found || (pending.empty() && !has_archived(source, dlq))) throw;
  }
  const bool wants_decided = query.state != LetterState::open && query.state != LetterState::pending;
  if (source.archive != nullptr && wants_decided) {
    each_archived(*source.archive, dlq, [&](const store::ArchivedLetter& letter) {
      viewer.show_archived(letter);
      return true;
    });
  }
  for (const Record& record : pending) viewer.show_pending(record);
}

}  // namespace

bool has_archived(const DlqSource& source, const TopicName& dlq) {
  if (source.archive == nullptr) return false;
  bool found = false;
  each_archived(*source.archive, dlq, [&found](const store::ArchivedLetter&) {
    found = true;
    return false;
  });
  return found;
}

LetterIndex read_states(const DlqSource& source, const TopicName& dlq, std::stop_token stop) {
  return read_decisions(source, dlq, stop, nullptr);
}

void view_letters(const DlqSource& source, const TopicName& dlq, const LetterQuery& query, LetterIndex& index,
                  std::stop_token stop, const LetterSink& sink) {
  const DecisionNotes none;
  view(source, dlq, query, {index, none}, stop, sink);
}

void view_letters(const DlqSource& source, const TopicName& dlq, const LetterQuery& query,
                  std::stop_token stop, const LetterSink& sink) {
  const bool only_open = query.state == LetterState::open || query.state == LetterState::pending;
  DecisionNotes notes;
  LetterIndex index = read_decisions(source, dlq, stop, only_open ? nullptr : &notes);
  view(source, dlq, query, {index, notes}, stop, sink);
}

}  // namespace kbeat::dlq
