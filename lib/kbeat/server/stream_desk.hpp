// The live side of a server: the feed, its clients, and the route that they come in by.
#pragma once

#include <atomic>
#include <memory>

#include "kbeat/metrics/families.hpp"
#include "kbeat/server/catch_up.hpp"
#include "kbeat/server/router.hpp"
#include "kbeat/server/stream_feed.hpp"
#include "kbeat/server/stream_hub.hpp"

namespace kbeat::server {

struct StreamOptions {
  FeedOptions feed;
  LiveLimits limits;
  CatchUpOptions catch_up;
};

/// Made before the server and stopped after its loops have ended.
class StreamDesk {
 public:
  /// Adds `/api/v1/stream` to the router, and `/stream` for clients that were written for that path.
  StreamDesk(transport::Transport& transport, StreamOptions options, metrics::MetricRegistry& metrics,
             Clock& clock, Router& router);
  ~StreamDesk();

  [[nodiscard]] bool connected() const { return m_feed.connected(); }
  /// Brings the gauges and counters up to date.
  void show(metrics::Families& families);
  /// Before the loops end: nothing waits for them any more.
  void stop();

 private:
  void serve(const HttpRequest& request, const Reply& reply);
  void begin(const std::shared_ptr<LiveClient>& client, const Subscription& wanted);

  StreamOptions m_options;
  Clock& m_clock;
  metrics::Counter& m_delivered;
  metrics::Counter& m_dropped;
  metrics::Counter& m_closed_slow;
  metrics::Counter& m_malformed;
  StreamHub m_hub;
  StreamFeed m_feed;
  std::unique_ptr<CatchUps> m_catch_ups;
};

}  // namespace kbeat::server
