// Reading a DLQ, the archive and the outbox for letters, each identity once.
#include "kbeat/dlq/dlq_view.hpp"

#include <vector>

#include "kbeat/base/error.hpp"
#include "kbeat/dlq/letter_filter.hpp"
#include "kbeat/pipeline/bounded_read.hpp"

namespace kbeat::dlq {
namespace {

constexpr std::size_t k_page = 500;

/// Shows letters that were not seen before and that the query wants.
class Viewer {
 public:
  /// `archive` has the values of letters that went without theirs; it may be null.
  Viewer(const LetterQuery& query, LetterIndex& index, store::LetterArchive* archive, const LetterSink& sink)
      : m_query(query), m_filter(query), m_index(index), m_archive(archive), m_sink(sink) {}

  void show(const RecordView& record) {
    SeenLetter letter = see_letter(record, m_query.reading);
    const std::optional<LetterState> state = m_index.look(letter.id);
    if (!state) return;
    letter.state = *state;
    if (const auto whole = letter.spilled ? whole_letter(letter) : std::nullopt)
      return show_whole(*whole, *state);
    pass(letter);
  }
  void show_as(const RecordView& record, const std::string& identity, LetterState state) {
    SeenLetter letter = see_letter(record, m_query.reading);
    if (!identity.empty()) letter.id = identity;
    if (!m_index.see(letter.id)) return;
    letter.state = state;
    pass(letter);
  }

 private:
  void show_whole(const Record& record, LetterState state) {
    const RecordLoan loan(record);
    SeenLetter letter = see_letter(loan.view(), m_query.reading);
    letter.state = state;
    pass(letter);
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

  void pass(const SeenLetter& letter) {
    if (m_filter.wants(letter)) m_sink(letter);
  }

  const LetterQuery& m_query;
  LetterFilter m_filter;
  LetterIndex& m_index;
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

void show_archived(store::LetterArchive& archive, const TopicName& dlq, Viewer& viewer) {
  std::int64_t after = 0;
  while (true) {
    const std::vector<store::ArchivedLetter> letters = archive.read(after, k_page);
    for (const store::ArchivedLetter& letter : letters) {
      after = letter.number;
      if (letter.record.topic == dlq)
        viewer.show_as(RecordLoan(letter.record).view(), letter.identity, LetterState::archived);
    }
    if (letters.size() < k_page) return;
  }
}

}  // namespace

LetterIndex read_states(const DlqSource& source, const TopicName& dlq, std::stop_token stop) {
  LetterIndex index;
  pipeline::read_states(
      source.transport, dlq, {.client_id = "kbeat-dlq", .timeout = source.timeout}, stop,
      [&](std::string_view identity, LetterState state) { index.set_state(identity, state); });
  return index;
}

void view_letters(const DlqSource& source, const TopicName& dlq, const LetterQuery& query, LetterIndex& index,
                  std::stop_token stop, const LetterSink& sink) {
  Viewer viewer(query, index, source.archive, sink);
  std::vector<Record> pending;
  if (source.outbox != nullptr) pending = pending_letters(*source.outbox, dlq);
  try {
    pipeline::read_to_end(source.transport, dlq, {.client_id = "kbeat-dlq", .timeout = source.timeout}, stop,
                          [&](const RecordView& record) { viewer.show(record); });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found || pending.empty()) throw;
  }
  const bool wants_archived = !query.state || *query.state == LetterState::archived;
  if (source.archive != nullptr && wants_archived) show_archived(*source.archive, dlq, viewer);
  for (const Record& record : pending) viewer.show_as(RecordLoan(record).view(), "", LetterState::pending);
}

void view_letters(const DlqSource& source, const TopicName& dlq, const LetterQuery& query,
                  std::stop_token stop, const LetterSink& sink) {
  LetterIndex index = read_states(source, dlq, stop);
  view_letters(source, dlq, query, index, stop, sink);
}

}  // namespace kbeat::dlq
