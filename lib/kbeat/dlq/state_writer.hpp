// One transaction after the other with decided letters in it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/dlq/dlq_view.hpp"

namespace kbeat::dlq {

/// A decided letter with all that is written for it; owns its bytes.
struct DecidedLetter {
  std::string identity;
  LetterState state = LetterState::retried;
  std::string reason;
  std::string pattern;  ///< its error, masked
  std::optional<Record> copy;
  bool delivered = false;      ///< the copy is where it should be: it is not sent with the state
  std::optional<Record> body;  ///< of one to be archived: as it lies in the DLQ
  std::optional<store::ClosedLetter> closes;  ///< the store's own row of it
};

/// Fences former writers of the DLQ's state when it is made. For one thread.
class StateWriter {
 public:
  StateWriter(const DlqSource& source, const TopicName& dlq, Clock& clock);
  ~StateWriter();

  /// Writes these letters in one transaction: all or none, unless it throws a retryable Error, after which it
  /// is not known which; make another writer and read the states again. A record that can never be sent is
  /// Error{too_large, bad_input …} with nothing written.
  void write(const std::vector<DecidedLetter>& letters);

 private:
  void send(const Record& record);
  void forget_reports();
  void keep_bodies(const std::vector<DecidedLetter>& letters);
  void close_rows(const std::vector<DecidedLetter>& letters);
  void give_up(const Error& cause);

  const DlqSource& m_source;
  TopicName m_dlq;
  Clock& m_clock;
  std::string m_host;
  std::unique_ptr<transport::TransactionalProducer> m_producer;
};

}  // namespace kbeat::dlq
