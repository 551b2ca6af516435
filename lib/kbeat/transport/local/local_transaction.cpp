// Collecting, committing and dropping a transaction.
#include "kbeat/transport/local/local_transaction.hpp"

#include <fmt/format.h>

#include <iterator>

namespace kbeat::transport::local {
namespace {

constexpr std::size_t k_largest_transaction = 1u << 30;
constexpr Milliseconds k_pause_before_again{20};

}  // namespace

LocalTransactionalProducer::LocalTransactionalProducer(const LedgerSource& source,
                                                       const ProducerOptions& options)
    : m_ledger(source()),
      m_router(*m_ledger),
      m_stamp(m_ledger->records().enter(options.transactional_id)),
      m_sends(options.sends) {}

void LocalTransactionalProducer::expect_open(const char* action) const {
  if (m_open) return;
  throw Error(ErrorCode::internal, fmt::format("cannot {} outside a transaction: begin one first", action));
}

void LocalTransactionalProducer::begin() {
  if (m_open) throw Error(ErrorCode::internal, "a transaction is open already: commit or abort it first");
  m_open = true;
  ++m_sequence;
}

Accepted LocalTransactionalProducer::send(const RecordView& record, std::uint64_t tag) {
  expect_open("send");
  if (m_parcel.bytes() >= k_largest_transaction) {
    throw Error(ErrorCode::too_large,
                "a transaction of the embedded log holds at most 1 GiB: commit more often");
  }
  m_parcel.add(m_router.route(record), tag, m_sends);
  ++m_owed;
  return Accepted::yes;
}

void LocalTransactionalProducer::poll(Milliseconds /*nothing to wait for*/, std::vector<Delivery>& reports) {
  const std::size_t before = reports.size();
  std::move(m_reports.begin(), m_reports.end(), std::back_inserter(reports));
  m_reports.clear();
  m_parcel.report_waiting(reports);
  m_owed -= reports.size() - before;
}

void LocalTransactionalProducer::flush(Milliseconds timeout, std::vector<Delivery>& reports) {
  poll(timeout, reports);
}

void LocalTransactionalProducer::send_positions(const GroupId& group,
                                                std::span<const CommittedPosition> positions) {
  expect_open("send positions");
  m_positions.push_back({group, {positions.begin(), positions.end()}});
}

void LocalTransactionalProducer::commit(Milliseconds timeout) {
  expect_open("commit");
  const Append request{
      .producer = m_stamp, .sequence = m_sequence, .batches = m_parcel.batches(), .positions = m_positions};
  const SteadyTime deadline = std::chrono::steady_clock::now() + timeout;
  std::vector<Appended> answers;
  for (bool stored = false; !stored;) {
    try {
      answers = m_ledger->records().append(request);
      stored = true;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::busy || std::chrono::steady_clock::now() >= deadline) throw;
      SystemClock().wait(k_pause_before_again, {});
    }
  }
  m_parcel.report(answers, m_reports);
  m_parcel = {};
  m_positions.clear();
  m_open = false;
}

void LocalTransactionalProducer::abort(Milliseconds /*nothing to wait for*/) {
  expect_open("abort");
  m_parcel.report_failure(Error(ErrorCode::undelivered, "its transaction was aborted"), m_reports);
  m_parcel = {};
  m_positions.clear();
  m_open = false;
}

}  // namespace kbeat::transport::local
