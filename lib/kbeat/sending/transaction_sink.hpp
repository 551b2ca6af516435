// Sends all records in one transaction: they become visible together or never.
#pragma once

#include <memory>
#include <vector>

#include "kbeat/sending/record_sink.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::sending {

/// The transaction begins with the first record. Delivered records are told after the commit; when one cannot
/// be stored, that one is told at once and nothing of the transaction is ever seen.
class TransactionSink final : public RecordSink {
 public:
  /// `options.transactional_id` fences a former sink of that id. The transport outlives it.
  TransactionSink(transport::Transport& transport, const transport::ProducerOptions& options,
                  OnSettled on_settled);
  /// Aborts what was not finished.
  ~TransactionSink() override;

  void send(const RecordView& record, std::uint64_t tag) override;
  void serve() override;
  void flush(Milliseconds timeout) override;
  /// Commits. Throws the first record's Error, or the commit's, after the abort.
  void finish(Milliseconds timeout) override;
  /// Aborts.
  void cut_short(Milliseconds timeout) override;
  [[nodiscard]] std::size_t unsettled() const override;

 private:
  void take(const std::vector<transport::Delivery>& reports);
  void fail(const Settled& settled);
  void abort(Milliseconds timeout);

  std::unique_ptr<transport::TransactionalProducer> m_producer;
  OnSettled m_on_settled;
  bool m_open = false;
  std::optional<Error> m_failure;
  std::vector<transport::Delivery> m_reports;
  std::vector<Settled> m_stored;  ///< told after the commit
};

}  // namespace kbeat::sending
