// Plain sending, and transactions with their three kinds of errors.
#include "kbeat/transport/kafka/kafka_producer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

#include "kbeat/transport/kafka/kafka_errors.hpp"
#include "kbeat/transport/kafka/kafka_partitions.hpp"

namespace kbeat::transport {
namespace {

/// One try of a call that may be repeated, short enough to notice refused credentials.
constexpr Milliseconds k_transaction_slice{1000};
constexpr Milliseconds k_positions_limit{10'000};
constexpr Milliseconds k_gap_limit{10'000};

using GroupMetadata = Handle<rd_kafka_consumer_group_metadata_t, rd_kafka_consumer_group_metadata_destroy>;

}  // namespace

Accepted KafkaProducer::send(const RecordView& record, std::uint64_t tag) {
  return m_sender.send(record, tag);
}

void KafkaProducer::poll(Milliseconds timeout, std::vector<Delivery>& reports) {
  m_sender.poll(timeout, reports);
}

void KafkaProducer::flush(Milliseconds timeout, std::vector<Delivery>& reports) {
  m_sender.flush(timeout, reports);
}

std::size_t KafkaProducer::pending() const {
  return m_sender.pending();
}

KafkaTransactionalProducer::KafkaTransactionalProducer(const ClientParts& parts, Milliseconds timeout)
    : m_sender(parts) {
  const SteadyTime deadline = steady_now() + timeout;
  while (true) {
    const Milliseconds slice = std::min(k_transaction_slice, left_until(deadline));
    const ErrorHandle error(rd_kafka_init_transactions(m_sender.client().get(), to_int(slice)));
    if (!error) return;
    m_sender.absorb();
    const bool repeat = rd_kafka_error_is_retriable(error.get()) != 0 && !m_sender.client().refused();
    if (!repeat || steady_now() >= deadline) throw failure(*error, "taking over the transactional id");
  }
}

Accepted KafkaTransactionalProducer::send(const RecordView& record, std::uint64_t tag) {
  return m_sender.send(record, tag);
}

void KafkaTransactionalProducer::poll(Milliseconds timeout, std::vector<Delivery>& reports) {
  m_sender.poll(timeout, reports);
}

void KafkaTransactionalProducer::flush(Milliseconds timeout, std::vector<Delivery>& reports) {
  m_sender.flush(timeout, reports);
}

std::size_t KafkaTransactionalProducer::pending() const {
  return m_sender.pending();
}

Error KafkaTransactionalProducer::failure(const rd_kafka_error_t& error, std::string_view doing) {
  m_sender.absorb();
  const Error plain = m_sender.client().error(error, doing);
  const bool fenced = rd_kafka_error_is_fatal(&error) != 0 && is_fencing(rd_kafka_error_code(&error));
  if (!fenced) return plain;
  return {ErrorCode::fenced,
          fmt::format("{} failed: another producer took over its transactional id", doing)};
}

void KafkaTransactionalProducer::begin() {
  if (const auto gap = m_sender.take_gap()) close_gap(*gap);
  open_transaction();
}

void KafkaTransactionalProducer::open_transaction() {
  m_sender.forget_failure();
  const ErrorHandle error(rd_kafka_begin_transaction(m_sender.client().get()));
  if (error) throw failure(*error, "beginning a transaction");
}

/// librdkafka numbers the records of a partition on behind one that the broker refused, even after an abort:
/// the broker then refuses the next one as out of order, and its transaction fails for nothing of its own.
/// That happens here to a record that is never committed: aborted, the producer has a new epoch, in which all
/// numbers begin anew. Unlike a new producer it does not take the id from whoever has it by now.
void KafkaTransactionalProducer::close_gap(const TopicPartition& gap) {
  constexpr std::uint64_t k_probe = std::numeric_limits<std::uint64_t>::max();
  const SteadyTime deadline = steady_now() + k_gap_limit;
  std::vector<Delivery> reports;
  open_transaction();
  // A compacted topic takes no record without a key.
  const RecordView probe{.topic = gap.topic.get(), .partition = gap.partition, .key = "kbeat"};
  if (m_sender.send(probe, k_probe) == Accepted::yes) m_sender.flush(k_gap_limit, reports);
  m_sender.take_back(k_gap_limit, reports);
  std::erase_if(reports, [](const Delivery& report) { return report.tag == k_probe; });
  m_sender.keep(std::move(reports));
  end_by_abort(deadline);
  static_cast<void>(m_sender.take_gap());
}

void KafkaTransactionalProducer::send_positions(const GroupId& group,
                                                std::span<const CommittedPosition> positions) {
  const PartitionListHandle list = to_list(positions);
  const GroupMetadata metadata(rd_kafka_consumer_group_metadata_new(group.get().c_str()));
  const ErrorHandle error(rd_kafka_send_offsets_to_transaction(m_sender.client().get(), list.get(),
                                                               metadata.get(), to_int(k_positions_limit)));
  if (error)
    throw failure(*error, fmt::format("adding positions of group {} to the transaction", group.get()));
}

void KafkaTransactionalProducer::commit(Milliseconds timeout) {
  const SteadyTime deadline = steady_now() + timeout;
  std::vector<Delivery> reports;
  flush(timeout, reports);
  m_sender.keep(std::move(reports));
  if (const auto& lost = m_sender.first_failure()) {
    const ErrorCode kind = lost->code() == ErrorCode::fenced ? ErrorCode::fenced : ErrorCode::undelivered;
    throw Error(kind, fmt::format("committing the transaction failed: {}", lost->what()));
  }
  const ErrorHandle error(rd_kafka_commit_transaction(
      m_sender.client().get(), to_int(std::max(k_transaction_slice, left_until(deadline)))));
  if (error) throw failure(*error, "committing the transaction");
}

void KafkaTransactionalProducer::abort(Milliseconds timeout) {
  const SteadyTime deadline = steady_now() + timeout;
  std::vector<Delivery> reports;
  m_sender.take_back(timeout, reports);
  m_sender.keep(std::move(reports));
  end_by_abort(deadline);
}

void KafkaTransactionalProducer::end_by_abort(SteadyTime deadline) {
  const ErrorHandle error(rd_kafka_abort_transaction(
      m_sender.client().get(), to_int(std::max(k_transaction_slice, left_until(deadline)))));
  if (error) throw failure(*error, "aborting the transaction");
}

}  // namespace kbeat::transport
