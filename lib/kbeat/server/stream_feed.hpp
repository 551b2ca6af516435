// Reads the topics for all live clients, through every absence of the broker.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "kbeat/base/backoff.hpp"
#include "kbeat/server/stream_hub.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::server {

enum class FeedStart { latest, earliest };

struct FeedOptions {
  std::vector<std::string> topics;
  std::string client_id = "kbeat-stream";
  FeedStart start = FeedStart::latest;
  BackoffPolicy backoff{
      .kind = BackoffKind::exponential, .base = Milliseconds{250}, .cap = Milliseconds{5'000}, .jitter = 0.2};
  Milliseconds timeout{5'000};
  Milliseconds look_for_partitions{10'000};
};

/// Owns one thread with a consumer outside of any group: each server sees all records.
class StreamFeed {
 public:
  StreamFeed(transport::Transport& transport, StreamHub& hub, FeedOptions options, Clock& clock);
  StreamFeed(const StreamFeed&) = delete;
  StreamFeed& operator=(const StreamFeed&) = delete;
  ~StreamFeed();

  [[nodiscard]] bool connected() const { return m_connected.load(); }
  /// Ends the thread.
  void stop();

 private:
  void run(std::stop_token stop);
  void connect();
  void read(std::stop_token stop);
  void find_partitions(FeedStart start_of_new);
  void take(const transport::ConsumerEvent& event, std::stop_token stop);
  void publish(const RecordBatch& batch, std::stop_token stop);
  void cross_gap(const transport::OffsetGone& gone);
  void lose(const std::string& reason);

  transport::Transport& m_transport;
  StreamHub& m_hub;
  FeedOptions m_options;
  Clock& m_clock;
  RecordFramer m_framer;
  PositionTrail m_trail;
  std::map<TopicPartition, std::size_t> m_slots;
  std::unique_ptr<transport::Consumer> m_consumer;
  SteadyTime m_looked;
  std::uint64_t m_malformed = 0;
  std::atomic<bool> m_connected{false};
  std::jthread m_thread;  ///< last: it uses all of the above
};

}  // namespace kbeat::server
