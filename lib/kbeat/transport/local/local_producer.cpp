// The queue, the storing thread and the delivery reports.
#include "kbeat/transport/local/local_producer.hpp"

#include <utility>

#include "kbeat/base/log.hpp"

namespace kbeat::transport::local {
namespace {

// One commit's worth: large enough that the disk's flush does not count, small enough that the write lock
// is held for some milliseconds only.
constexpr std::size_t k_full_parcel = 4u << 20;
constexpr std::size_t k_full_queue = 16u << 20;
constexpr Milliseconds k_linger{5};
constexpr Milliseconds k_pause_when_busy{20};

}  // namespace

LocalProducer::LocalProducer(const LedgerSource& source, const ProducerOptions& options)
    : m_options(options), m_ledger(source()), m_storing_ledger(source()), m_router(*m_ledger) {
  m_thread = std::jthread([this](std::stop_token stop) { store_queued(stop); });
}

LocalProducer::~LocalProducer() {
  m_thread.request_stop();
  m_thread.join();
}

Accepted LocalProducer::send(const RecordView& record, std::uint64_t tag) {
  const RoutedRecord routed = m_router.route(record);
  const std::scoped_lock lock(m_mutex);
  if (m_parcel.bytes() >= k_full_queue) return Accepted::queue_full;
  const bool was_empty = m_parcel.empty();
  if (was_empty) m_parcel_begun = std::chrono::steady_clock::now();
  const bool was_full = m_parcel.bytes() >= k_full_parcel;
  m_parcel.add(routed, tag, m_options.sends);
  ++m_owed;
  if (was_empty || (!was_full && m_parcel.bytes() >= k_full_parcel)) m_queued.notify_one();
  return Accepted::yes;
}

void LocalProducer::hand_out(std::vector<Delivery>& reports) {
  m_owed -= m_reports.size();
  if (reports.empty()) {
    reports.swap(m_reports);
  } else {
    reports.insert(reports.end(), std::make_move_iterator(m_reports.begin()),
                   std::make_move_iterator(m_reports.end()));
    m_reports.clear();
  }
}

void LocalProducer::poll(Milliseconds timeout, std::vector<Delivery>& reports) {
  std::unique_lock lock(m_mutex);
  m_reported.wait_for(lock, timeout, [this] { return !m_reports.empty(); });
  hand_out(reports);
}

void LocalProducer::flush(Milliseconds timeout, std::vector<Delivery>& reports) {
  std::unique_lock lock(m_mutex);
  m_hurry = true;
  m_queued.notify_one();
  m_reported.wait_for(lock, timeout, [this] { return m_reports.size() == m_owed; });
  m_hurry = false;
  hand_out(reports);
}

void LocalProducer::store_queued(std::stop_token stop) {
  std::unique_lock lock(m_mutex);
  while (m_queued.wait(lock, stop, [this] { return !m_parcel.empty(); })) {
    m_queued.wait_until(lock, stop, m_parcel_begun + k_linger,
                        [this] { return m_hurry || m_parcel.bytes() >= k_full_parcel; });
    if (stop.stop_requested()) return;
    Parcel parcel = std::exchange(m_parcel, {});
    lock.unlock();
    store(std::move(parcel), stop);
    clean_a_little();
    lock.lock();
  }
}

void LocalProducer::store(Parcel parcel, std::stop_token stop) {
  std::vector<Delivery> reports;
  reports.reserve(parcel.records());
  std::optional<Error> failure;
  try {
    parcel.report(append(parcel, stop), reports);
  } catch (const Error& error) {
    failure = error;
    parcel.report_failure(error, reports);
  }
  const std::scoped_lock lock(m_mutex);
  if (failure) std::exchange(m_parcel, {}).report_failure(*failure, reports);
  m_reports.insert(m_reports.end(), std::make_move_iterator(reports.begin()),
                   std::make_move_iterator(reports.end()));
  m_reported.notify_all();
}

void LocalProducer::clean_a_little() {
  try {
    const auto now = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
    m_storing_ledger->records().clean(now, CleaningEffort::a_little);
  } catch (const Error& error) {
    // The records are stored; what is not cleaned now is cleaned after a later append.
    log_debug("old records were not cleaned: {}", error.what());
  }
}

std::vector<Appended> LocalProducer::append(Parcel& parcel, std::stop_token stop) {
  RecordLedger& records = m_storing_ledger->records();
  if (m_stamp.id == 0) m_stamp = records.enter(m_options.transactional_id);
  const Append request{
      .producer = m_stamp, .sequence = ++m_sequence, .batches = parcel.batches(), .positions = {}};
  const SteadyTime begun = std::chrono::steady_clock::now();
  for (;;) {
    try {
      return records.append(request);
    } catch (const Error& error) {
      const auto waited = std::chrono::steady_clock::now() - begun;
      const bool time_is_over = m_options.message_timeout.count() > 0 && waited > m_options.message_timeout;
      if (error.code() != ErrorCode::busy || time_is_over || stop.stop_requested()) throw;
    }
    SystemClock().wait(k_pause_when_busy, stop);
  }
}

}  // namespace kbeat::transport::local
