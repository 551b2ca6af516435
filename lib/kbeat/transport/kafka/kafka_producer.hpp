// The producers on librdkafka, plain and transactional.
#pragma once

#include <vector>

#include "kbeat/transport/kafka/record_sender.hpp"

namespace kbeat::transport {

class KafkaProducer final : public Producer {
 public:
  explicit KafkaProducer(const ClientParts& parts) : m_sender(parts) {}

  [[nodiscard]] Accepted send(const RecordView& record, std::uint64_t tag) override;
  void poll(Milliseconds timeout, std::vector<Delivery>& reports) override;
  void flush(Milliseconds timeout, std::vector<Delivery>& reports) override;
  [[nodiscard]] std::size_t pending() const override;
  [[nodiscard]] RecordSender& sender() { return m_sender; }

 private:
  RecordSender m_sender;
};

/// librdkafka waits for reports within commit and abort but does not serve them in event mode; so both settle
/// all reports first and keep them for the caller's next poll.
class KafkaTransactionalProducer final : public TransactionalProducer {
 public:
  /// Fences former producers of the id; throws Error{unreachable or timed_out}, retryable, after `timeout`.
  KafkaTransactionalProducer(const ClientParts& parts, Milliseconds timeout);

  [[nodiscard]] Accepted send(const RecordView& record, std::uint64_t tag) override;
  void poll(Milliseconds timeout, std::vector<Delivery>& reports) override;
  void flush(Milliseconds timeout, std::vector<Delivery>& reports) override;
  [[nodiscard]] std::size_t pending() const override;

  void begin() override;
  void send_positions(const GroupId& group, std::span<const CommittedPosition> positions) override;
  void commit(Milliseconds timeout) override;
  void abort(Milliseconds timeout) override;

 private:
  [[nodiscard]] Error failure(const rd_kafka_error_t& error, std::string_view doing);
  void open_transaction();
  void end_by_abort(SteadyTime deadline);
  void close_gap(const TopicPartition& gap);

  RecordSender m_sender;
};

}  // namespace kbeat::transport
