// Sends all records in one transaction: they become visible together or never.
#pragma once

#include <memory>
#include <vector>

#include "kbeat/sending/record_sink.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::sending {

/// The transaction begins with the first record. Delivered records are told after the commit; when one cannot
/// be stored, that one is told at once, nothing of the transaction is ever seen, and its other records are
/// told as undone.
class TransactionSink final : public RecordSink {
 public:
  /// `options.transactional_id` fences a former sink of that id. The transport outlives it.
  TransactionSink(transport::Transport& transport, const transport::ProducerOptions& options,
                  OnSettled on_settled);
  /// Aborts what was not finished, without a word.
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
  void tell_undone();

  std::unique_ptr<transport::TransactionalProducer> m_producer;
  OnSettled m_on_settled;
  bool m_open = false;
  std::optional<Error> m_failure;
  std::vector<transport::Delivery> m_reports;
  std::vector<std::uint64_t> m_untold;  ///< tags of what was taken, unless a failure told them
  std::vector<Settled> m_stored;        ///< told after the commit
};

}  // namespace kbeat::sending
