// Bodies into the store, then copies and states into one transaction, then the store's own rows.
#include "kbeat/dlq/state_writer.hpp"

#include <fmt/format.h>

#include "kbeat/base/error.hpp"
#include "kbeat/base/host_name.hpp"
#include "kbeat/base/log.hpp"

namespace kbeat::dlq {
namespace {

Error fenced(const TopicName& dlq) {
  return Error(ErrorCode::fenced,
               fmt::format("another process began to decide the letters of {}; what this one had written "
                           "stands, the rest is left to the other",
                           dlq.get()));
}

}  // namespace

StateWriter::StateWriter(const DlqSource& source, const TopicName& dlq, Clock& clock)
    : m_source(source), m_dlq(dlq), m_clock(clock), m_host(host_name()) {
  m_producer = source.transport.make_transactional_producer(
      {.client_id = "kbeat-dlq", .transactional_id = fmt::format("kbeat.dlq.{}", dlq.get())});
}

StateWriter::~StateWriter() = default;

void StateWriter::write(const std::vector<DecidedLetter>& letters) {
  keep_bodies(letters);
  try {
    m_producer->begin();
    for (const DecidedLetter& letter : letters) {
      if (letter.copy && !letter.delivered) send(*letter.copy);
      const std::string host = letter.state == LetterState::archived ? m_host : "";
      send(pipeline::state_record(m_dlq, letter.identity, letter.state, m_clock.now(),
                                  {.reason = letter.reason, .host = host}));
    }
    m_producer->commit(m_source.timeout);
    forget_reports();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::fenced) throw fenced(m_dlq);
    if (!error.retryable()) give_up(error);
    throw;
  }
  close_rows(letters);
}

/// Nothing of the transaction may stay open: it would hold back every reader of the topics.
void StateWriter::give_up(const Error& cause) {
  try {
    m_producer->abort(m_source.timeout);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::fenced) throw fenced(m_dlq);
    throw Error(error.code(), fmt::format("{} (after: {})", error.what(), cause.what()), Retryable::yes);
  }
}

void StateWriter::send(const Record& record) {
  constexpr Milliseconds k_room_wait{100};
  const RecordLoan loan(record);
  std::vector<transport::Delivery> reports;
  const SteadyTime deadline = m_clock.steady() + m_source.timeout;
  while (m_producer->send(loan.view(), 0) == transport::Accepted::queue_full) {
    m_producer->poll(k_room_wait, reports);
    if (m_clock.steady() > deadline) {
      throw Error(ErrorCode::timed_out,
                  fmt::format("{} took no record for {}", record.topic.get(), seconds_text(m_source.timeout)),
                  Retryable::yes);
    }
  }
}

/// The commit has spoken for all of them; kept, they would be carried through every later transaction.
void StateWriter::forget_reports() {
  std::vector<transport::Delivery> reports;
  m_producer->poll(Milliseconds{0}, reports);
}

void StateWriter::keep_bodies(const std::vector<DecidedLetter>& letters) {
  std::vector<store::ArchivedLetter> bodies;
  for (const DecidedLetter& letter : letters) {
    if (letter.state != LetterState::archived) continue;
    if (!letter.body || m_source.archive == nullptr)
      throw Error(ErrorCode::internal, "a letter is to be archived without a body or a store");
    bodies.push_back({.identity = letter.identity,
                      .reason = letter.reason,
                      .archived_at = m_clock.now(),
                      .record = *letter.body});
  }
  if (!bodies.empty()) m_source.archive->keep(bodies);
}

/// Only tidies up: the state topic has the truth already.
void StateWriter::close_rows(const std::vector<DecidedLetter>& letters) {
  if (m_source.archive == nullptr) return;
  std::vector<store::ClosedLetter> rows;
  for (const DecidedLetter& letter : letters) {
    if (letter.closes) rows.push_back(*letter.closes);
  }
  if (rows.empty()) return;
  try {
    m_source.archive->close(rows);
  } catch (const Error& error) {
    log_warning("the store's own rows of {} letters stay open: {}", rows.size(), error.what());
  }
}

}  // namespace kbeat::dlq
