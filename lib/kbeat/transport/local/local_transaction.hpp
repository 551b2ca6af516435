// Transactions on a ledger: records wait in memory and are stored by one append at the commit.
#pragma once

#include <memory>

#include "kbeat/transport/local/parcel.hpp"

namespace kbeat::transport::local {

/// Until the commit nothing is stored, so nothing has an offset: reports before it carry offset -1.
/// An open transaction holds nobody up and has no time limit.
class LocalTransactionalProducer final : public TransactionalProducer {
 public:
  LocalTransactionalProducer(const LedgerSource& source, const ProducerOptions& options);

  [[nodiscard]] Accepted send(const RecordView& record, std::uint64_t tag) override;
  void poll(Milliseconds timeout, std::vector<Delivery>& reports) override;
  void flush(Milliseconds timeout, std::vector<Delivery>& reports) override;
  [[nodiscard]] std::size_t pending() const override { return m_owed; }

  void begin() override;
  void send_positions(const GroupId& group, std::span<const CommittedPosition> positions) override;
  void commit(Milliseconds timeout) override;
  void abort(Milliseconds timeout) override;

 private:
  void expect_open(const char* action) const;

  std::unique_ptr<Ledger> m_ledger;
  RecordRouter m_router;
  ProducerStamp m_stamp;
  Sends m_sends;
  std::int64_t m_sequence = 0;
  bool m_open = false;
  Parcel m_parcel;
  std::vector<GroupPositions> m_positions;
  std::size_t m_owed = 0;
  std::vector<Delivery> m_reports;  ///< of records whose transaction is over
};

}  // namespace kbeat::transport::local
