// Keeps, hands over, settles; and begins again with a new producer after a fatal error.
#include "kbeat/transport/confirmed_sender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "kbeat/base/log.hpp"

namespace kbeat::transport {
namespace {

constexpr Milliseconds k_slice{100};

std::size_t size_of(const Record& record) {
  constexpr std::size_t k_overhead = 160;  // of the record's own members
  std::size_t size = k_overhead + record.topic.get().size();
  if (record.key) size += record.key->size();
  if (record.value) size += record.value->size();
  for (const Header& header : record.headers) {
    size += sizeof header + header.name.size() + (header.value ? header.value->size() : 0);
  }
  return size;
}

bool kills_producer(const Error& error) {
  return error.code() == ErrorCode::fenced || error.code() == ErrorCode::internal;
}

}  // namespace

ConfirmedSender::ConfirmedSender(Transport& transport, ProducerOptions options,
                                 std::function<void(const SendFailure&)> on_failure)
    : m_transport(transport),
      m_options(std::move(options)),
      m_on_failure(std::move(on_failure)),
      m_producer(m_transport.make_producer(m_options)) {}

ConfirmedSender::~ConfirmedSender() = default;

void ConfirmedSender::send(const RecordView& record, std::uint64_t tag) {
  Kept& kept = m_kept.emplace_back(Kept{to_record(record), tag});
  m_kept_bytes += size_of(kept.record);
  ++m_unsettled;
  const std::uint64_t sequence = m_first + m_kept.size() - 1;
  hand_over();
  while (m_next_to_hand <= sequence || m_kept_bytes > k_most_kept_bytes) {
    serve(k_slice);
    hand_over();
  }
}

void ConfirmedSender::hand_over() {
  while (m_next_to_hand < m_first + m_kept.size()) {
    const std::uint64_t sequence = m_next_to_hand;
    Kept& kept = m_kept[sequence - m_first];
    if (!kept.settled && !hand_one(kept, sequence)) return;
    m_next_to_hand = std::max(m_next_to_hand, sequence + 1);  // settling may have moved it already
  }
}

/// False when the queue is full. A record that can never be sent is settled as failed.
bool ConfirmedSender::hand_one(Kept& kept, std::uint64_t sequence) {
  std::optional<Error> refused;
  try {
    if (m_producer->send(RecordLoan(kept.record).view(), sequence) == Accepted::queue_full) return false;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::too_large && error.code() != ErrorCode::bad_input) throw;
    refused = error;
  }
  if (refused) fail(sequence, *refused, false);
  return true;
}

void ConfirmedSender::serve(Milliseconds timeout) {
  m_reports.clear();
  m_producer->poll(timeout, m_reports);
  take_reports();
}

void ConfirmedSender::flush(Milliseconds timeout) {
  hand_over();
  m_reports.clear();
  m_producer->flush(timeout, m_reports);
  take_reports();
}

void ConfirmedSender::finish(Milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (m_unsettled > 0 && std::chrono::steady_clock::now() < deadline) flush(k_slice);
  const Error late(ErrorCode::timed_out, fmt::format("no acknowledgement within {}", seconds_text(timeout)));
  for (std::uint64_t sequence = m_first; m_unsettled > 0; sequence = std::max(sequence + 1, m_first)) {
    if (!m_kept[sequence - m_first].settled) fail(sequence, late, true);
  }
}

void ConfirmedSender::take_reports() {
  std::optional<Error> fatal;
  for (const Delivery& report : m_reports) {
    if (!report.error) {
      ++m_acknowledged;
      m_fruitless_rebuilds = 0;
      if (m_on_delivery) {
        m_on_delivery({.tag = m_kept[report.tag - m_first].tag,
                       .partition = report.partition,
                       .offset = report.offset,
                       .error = {}});
      }
      settle(report.tag);
    } else if (kills_producer(*report.error)) {
      fatal = report.error;
    } else {
      take_failure(report);
    }
  }
  if (fatal) {
    rebuild(*fatal);
  } else if (!m_refused.empty() && !m_sending_alone) {
    send_refused_alone();
  }
}

/// A broker refuses a whole batch as too large, also for one record in it, or for a topic with a low limit.
void ConfirmedSender::take_failure(const Delivery& report) {
  Kept& kept = m_kept[report.tag - m_first];
  if (report.error->code() == ErrorCode::too_large && !kept.alone) {
    m_refused.insert(report.tag);
  } else {
    fail(report.tag, *report.error, report.possibly_stored);
  }
}

void ConfirmedSender::send_refused_alone() {
  m_sending_alone = true;
  flush_all();
  while (!m_refused.empty()) {
    const std::uint64_t sequence = *m_refused.begin();
    m_refused.erase(m_refused.begin());
    Kept& kept = m_kept[sequence - m_first];
    kept.alone = true;
    static_cast<void>(hand_one(kept, sequence));  // the queue is empty, so it is not full
    flush_all();
  }
  m_sending_alone = false;
}

void ConfirmedSender::flush_all() {
  while (m_producer->pending() > 0) {
    m_reports.clear();
    m_producer->flush(k_slice, m_reports);
    take_reports();
  }
}

void ConfirmedSender::settle(std::uint64_t sequence) {
  m_kept[sequence - m_first].settled = true;
  --m_unsettled;
  while (!m_kept.empty() && m_kept.front().settled) {
    m_kept_bytes -= size_of(m_kept.front().record);
    m_kept.pop_front();
    ++m_first;
  }
  m_next_to_hand = std::max(m_next_to_hand, m_first);
}

void ConfirmedSender::fail(std::uint64_t sequence, const Error& error, bool possibly_stored) {
  ++m_failed;
  m_on_failure({m_kept[sequence - m_first].tag, error, possibly_stored});
  settle(sequence);
}

/// What was acknowledged stays settled; all else goes to the new producer from the first on.
void ConfirmedSender::rebuild(const Error& cause) {
  constexpr int k_most_fruitless = 5;
  if (++m_fruitless_rebuilds > k_most_fruitless) throw cause;
  log_warning("the producer failed for good ({}): starting another and sending {} records again",
              cause.what(), m_unsettled);
  m_producer.reset();
  m_producer = m_transport.make_producer(m_options);
  m_next_to_hand = m_first;
  m_refused.clear();
  for (Kept& kept : m_kept) kept.alone = false;
  hand_over();
}

}  // namespace kbeat::transport
