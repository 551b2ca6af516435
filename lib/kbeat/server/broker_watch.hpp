// Knows whether the broker answers, for everything in a server that depends on it.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "kbeat/pipeline/connect_loop.hpp"
#include "kbeat/server/event_forms.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::server {

struct BrokerWatchOptions {
  config::ConnectSettings connect;
  std::vector<std::string> topics;  ///< that events go to: made when they are missing
  bool make_topics = true;
  Milliseconds timeout{3000};
  Milliseconds period{1000};
};

struct BrokerState {
  pipeline::ConnectionState connection;
  std::vector<std::string> missing_topics;  ///< of those that events go to
};

/// Owns one thread that asks the broker once a period, and connects by the rules of consume. On the embedded
/// log it is always connected.
class BrokerWatch {
 public:
  BrokerWatch(transport::Transport& transport, BrokerWatchOptions options, PartitionCounts& partitions,
              Clock& clock);
  BrokerWatch(const BrokerWatch&) = delete;
  BrokerWatch& operator=(const BrokerWatch&) = delete;
  ~BrokerWatch();

  [[nodiscard]] BrokerState state() const;
  [[nodiscard]] bool connected() const { return state().connection.connected; }
  /// A record was acknowledged: the broker answers, whatever pause its connecting is in. Any thread.
  void heard() { m_heard = true; }
  /// Whether records may be sent to the topic, as far as that is known without asking. Any thread.
  [[nodiscard]] bool has_topic(const TopicName& topic) const;
  /// Asks for it: Error{not_found} when it is missing and nobody makes it, Error{unreachable} when nobody
  /// answers, for an event might then wait for ever. Any thread; waits.
  [[nodiscard]] std::optional<Error> look_for(const TopicName& topic);
  void stop();

 private:
  void run(std::stop_token stop);
  void look();
  void learn_topics();

  transport::Transport& m_transport;
  BrokerWatchOptions m_options;
  PartitionCounts& m_partitions;
  Clock& m_clock;
  bool m_topics_known = false;
  std::vector<std::string> m_told;  ///< the missing ones that the log has named
  std::atomic<bool> m_heard{false};
  mutable std::mutex m_mutex;
  BrokerState m_state;
  std::jthread m_thread;  ///< last: it uses all of the above
};

}  // namespace kbeat::server
