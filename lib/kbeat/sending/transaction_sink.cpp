// Begin, send, commit; abort when a record fails.
#include "kbeat/sending/transaction_sink.hpp"

#include <fmt/format.h>

#include <utility>

#include "kbeat/base/log.hpp"

namespace kbeat::sending {
namespace {

constexpr Milliseconds k_slice{100};
constexpr Milliseconds k_last_abort{5000};

}  // namespace

TransactionSink::TransactionSink(transport::Transport& transport, const transport::ProducerOptions& options,
                                 OnSettled on_settled)
    : m_producer(transport.make_transactional_producer(options)), m_on_settled(std::move(on_settled)) {}

TransactionSink::~TransactionSink() {
  abort(k_last_abort);
}

void TransactionSink::send(const RecordView& record, std::uint64_t tag) {
  m_untold.push_back(tag);
  if (m_failure) return;  // nothing of this transaction will be seen
  if (!m_open) {
    m_producer->begin();
    m_open = true;
  }
  try {
    while (m_producer->send(record, tag) == transport::Accepted::queue_full) {
      m_reports.clear();
      m_producer->poll(k_slice, m_reports);
      take(m_reports);
    }
  } catch (const Error& error) {
    fail({.tag = tag, .error = error});
  }
}

void TransactionSink::serve() {
  m_reports.clear();
  m_producer->poll(Milliseconds{0}, m_reports);
  take(m_reports);
}

void TransactionSink::flush(Milliseconds timeout) {
  m_reports.clear();
  m_producer->flush(timeout, m_reports);
  take(m_reports);
}

void TransactionSink::take(const std::vector<transport::Delivery>& reports) {
  for (const transport::Delivery& report : reports) {
    if (report.error) {
      fail({.tag = report.tag, .error = report.error});
    } else {
      m_stored.push_back({.tag = report.tag, .partition = report.partition, .offset = report.offset});
    }
  }
}

/// The first failure dooms the transaction; those that follow from it are undone with the rest.
void TransactionSink::fail(const Settled& settled) {
  if (m_failure) return;
  m_failure = settled.error;
  std::erase(m_untold, settled.tag);
  m_on_settled(settled);
}

void TransactionSink::finish(Milliseconds timeout) {
  if (!m_open) return;
  try {
    if (!m_failure) m_producer->commit(timeout);
  } catch (const Error& error) {
    m_failure = error;
  }
  if (m_failure) {
    abort(k_last_abort);
    tell_undone();
    throw Error(
        ErrorCode::undelivered,
        fmt::format("the transaction was aborted, nothing of it is in the topic: {}", m_failure->what()));
  }
  m_open = false;
  flush(k_slice);  // some transports report only now
  m_untold.clear();
  for (const Settled& settled : m_stored) m_on_settled(settled);
  m_stored.clear();
}

void TransactionSink::cut_short(Milliseconds timeout) {
  abort(timeout);
  tell_undone();
}

void TransactionSink::tell_undone() {
  const Error error(ErrorCode::undelivered, "its transaction was aborted");
  for (const std::uint64_t tag : std::exchange(m_untold, {}))
    m_on_settled({.tag = tag, .error = error, .undone = true});
}

void TransactionSink::abort(Milliseconds timeout) {
  if (!std::exchange(m_open, false)) return;
  try {
    m_producer->abort(timeout);
  } catch (const Error& error) {
    log_warning("the transaction could not be aborted, the broker does it by itself: {}", error.what());
  }
  m_stored.clear();
}

std::size_t TransactionSink::unsettled() const {
  return m_producer->pending();
}

}  // namespace kbeat::sending
