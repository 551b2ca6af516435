// Brings the outbox's rows to the transport and marks them when acknowledged.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "kbeat/base/backoff.hpp"
#include "kbeat/pipeline/compacted_sender.hpp"
#include "kbeat/store/store.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::pipeline {

struct RelayOptions {
  std::string owner;  ///< unique name of this process
  std::string client_id = "kbeat-relay";
  /// Makes a topic that is missing; nothing when topics are not to be made.
  std::function<void(const TopicName&)> make_topic;
  /// Told of rows when their records are acknowledged; on the relay's thread.
  std::function<void(std::span<const std::int64_t>)> on_sent{};
  Milliseconds lease{10'000};
  BackoffPolicy backoff{
      .kind = BackoffKind::exponential, .base = Milliseconds{200}, .cap = Milliseconds{5'000}, .jitter = 0};
};

/// Owns one thread with a store connection and a producer of its own. Rows are sent in their order; what is
/// not acknowledged is sent again, by this process or another, under the same event id. A producer that
/// turned fatal is rebuilt. A row that can never be sent is parked; a topic that fails holds only its rows.
class Relay {
 public:
  Relay(transport::Transport& transport, std::function<std::unique_ptr<store::Store>()> open_store,
        RelayOptions options);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// There are new rows.
  void nudge();

  /// Waits until nothing is owed any more; throws Error{undelivered} with the counts when that takes longer,
  /// rows are parked or the settings allow no sending.
  void await_empty(store::Outbox& outbox, Milliseconds timeout, Clock& clock);

 private:
  struct Hold {
    SteadyTime until;
    std::uint64_t failures = 0;
  };

  void run(std::stop_token stop);
  [[nodiscard]] bool pump(store::Store& store, std::stop_token stop);
  void end_lease(store::Store& store);
  void keep_suspect_alone(std::vector<store::OutboxRow>& rows);
  void send_all(store::Store& store, std::span<store::OutboxRow> rows, const std::stop_token& stop);
  void send_compacted(store::Store& store, std::span<const store::OutboxRow> rows);
  void send(std::span<store::OutboxRow> rows);
  [[nodiscard]] Partition partition_of(const store::OutboxRow& row);
  void settle(store::Store& store, std::stop_token stop);
  void take_reports(store::Store& store, const std::vector<transport::Delivery>& reports);
  void sent(store::Store& store, const std::vector<std::int64_t>& seqs);
  void failed(store::Store& store, const store::OutboxRow& row, const Error& error);
  [[nodiscard]] static bool spill(store::Store& store, const store::OutboxRow& row);
  void hold(const TopicName& topic, const Error& error);
  [[nodiscard]] std::vector<std::string> held_topics();

  transport::Transport& m_transport;
  std::function<std::unique_ptr<store::Store>()> m_open_store;
  RelayOptions m_options;
  std::string m_store_id;
  std::unique_ptr<transport::Producer> m_producer;
  CompactedSender m_compacted;
  std::map<std::int64_t, store::OutboxRow> m_out;  ///< sent, no report yet
  std::map<std::string, int> m_partition_counts;   ///< of topics that letters without a key go to
  std::map<std::string, Hold> m_holds;
  std::vector<transport::Delivery> m_refused;  ///< records that the producer would not even queue
  std::set<std::int64_t> m_suspects;           ///< rows of batches that were too large
  bool m_rebuild = false;
  bool m_leased = false;
  std::atomic<bool> m_forbidden{false};  ///< by the settings, so that waiting is of no use

  std::mutex m_mutex;
  std::condition_variable_any m_nudged;
  bool m_has_news = true;
  std::jthread m_thread;  ///< last: it uses all of the above
};

}  // namespace kbeat::pipeline
