// Sends to a ledger: a thread of its own stores what is queued, many records at a time.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "kbeat/transport/local/parcel.hpp"

namespace kbeat::transport::local {

/// `send`, `poll` and `flush` belong to the user's thread; the storing thread has a ledger of its own and
/// shares with it what m_mutex guards. When storing fails, all that is queued by then fails with it, so
/// that no later record overtakes. Destroying it drops what is not stored.
class LocalProducer final : public Producer {
 public:
  LocalProducer(const LedgerSource& source, const ProducerOptions& options);
  ~LocalProducer() override;

  [[nodiscard]] Accepted send(const RecordView& record, std::uint64_t tag) override;
  void poll(Milliseconds timeout, std::vector<Delivery>& reports) override;
  void flush(Milliseconds timeout, std::vector<Delivery>& reports) override;
  [[nodiscard]] std::size_t pending() const override { return m_owed; }

 private:
  void store_queued(std::stop_token stop);
  void store(Parcel parcel, std::stop_token stop);
  [[nodiscard]] std::vector<Appended> append(Parcel& parcel, std::stop_token stop);
  void clean_a_little();
  void hand_out(std::vector<Delivery>& reports);

  ProducerOptions m_options;
  std::unique_ptr<Ledger> m_ledger;          ///< the user's thread's
  std::unique_ptr<Ledger> m_storing_ledger;  ///< the storing thread's
  RecordRouter m_router;
  ProducerStamp m_stamp;        ///< the storing thread's
  std::int64_t m_sequence = 0;  ///< the storing thread's
  std::size_t m_owed = 0;       ///< the user's thread's

  std::mutex m_mutex;
  std::condition_variable_any m_queued;
  std::condition_variable_any m_reported;
  Parcel m_parcel;
  SteadyTime m_parcel_begun;
  bool m_hurry = false;
  std::vector<Delivery> m_reports;
  std::jthread m_thread;
};

}  // namespace kbeat::transport::local
