// Sends records in order until each is acknowledged or has failed for good, over the death of producers.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "kbeat/transport/transport.hpp"

namespace kbeat::transport {

/// A record that will not arrive. With `possibly_stored` the broker may have it all the same.
struct SendFailure {
  std::uint64_t tag = 0;
  Error error;
  bool possibly_stored = false;
};

/// Keeps a copy of each record until its report is in. When the producer dies of a fatal error, it makes
/// another and sends again, in order, what was not acknowledged. For one thread; holds at most
/// `k_most_kept_bytes` and one record.
class ConfirmedSender {
 public:
  static constexpr std::size_t k_most_kept_bytes = 16u << 20;

  /// `on_failure` is called from within the other methods.
  ConfirmedSender(Transport& transport, ProducerOptions options,
                  std::function<void(const SendFailure&)> on_failure);
  ConfirmedSender(const ConfirmedSender&) = delete;
  ConfirmedSender& operator=(const ConfirmedSender&) = delete;
  ~ConfirmedSender();

  /// Tells each acknowledgement too, with the caller's tag; from within the other methods.
  void on_delivery(std::function<void(const Delivery&)> told) { m_on_delivery = std::move(told); }

  /// Returns once the producer has the record; blocks while its queue is full. `tag` names it in a failure.
  void send(const RecordView& record, std::uint64_t tag);
  /// Takes reports in, waiting up to `timeout` for a first one.
  void serve(Milliseconds timeout);
  /// Sends what is queued without waiting for batches to fill; returns when all is settled or after
  /// `timeout`.
  void flush(Milliseconds timeout);
  /// As flush; what is unsettled afterwards has failed.
  void finish(Milliseconds timeout);

  [[nodiscard]] std::uint64_t acknowledged() const { return m_acknowledged; }
  [[nodiscard]] std::uint64_t failed() const { return m_failed; }
  [[nodiscard]] std::size_t unsettled() const { return m_unsettled; }

 private:
  struct Kept {
    Record record;
    std::uint64_t tag = 0;
    bool settled = false;
    bool alone = false;  ///< was sent in a batch of its own
  };

  void hand_over();
  [[nodiscard]] bool hand_one(Kept& kept, std::uint64_t sequence);
  void take_reports();
  void take_failure(const Delivery& report);
  void send_refused_alone();
  void flush_all();
  void settle(std::uint64_t sequence);
  void fail(std::uint64_t sequence, const Error& error, bool possibly_stored);
  void rebuild(const Error& cause);

  Transport& m_transport;
  ProducerOptions m_options;
  std::function<void(const SendFailure&)> m_on_failure;
  std::function<void(const Delivery&)> m_on_delivery;
  std::unique_ptr<Producer> m_producer;
  std::deque<Kept> m_kept;  ///< in order; the first has sequence m_first
  std::uint64_t m_first = 0;
  std::uint64_t m_next_to_hand = 0;  ///< below it, the present producer has the record or it is settled
  std::size_t m_kept_bytes = 0;
  std::size_t m_unsettled = 0;
  std::uint64_t m_acknowledged = 0;
  std::uint64_t m_failed = 0;
  int m_fruitless_rebuilds = 0;
  std::set<std::uint64_t> m_refused;  ///< their batch was too large: to be sent one by one
  bool m_sending_alone = false;
  std::vector<Delivery> m_reports;
};

}  // namespace kbeat::transport
