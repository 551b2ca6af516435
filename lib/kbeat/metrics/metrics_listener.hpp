// A small HTTP server that knows one page: /metrics.
#pragma once

#include <string>
#include <thread>

#include "kbeat/metrics/metric_registry.hpp"

namespace kbeat::metrics {

/// Owns a thread that answers one scraper after the other; each has a second. The registry outlives it.
class MetricsListener {
 public:
  /// `address` is `HOST:PORT`, `:PORT` (loopback) or `[V6]:PORT`; port 0 is any. Throws Error{configuration}
  /// when it cannot be listened on.
  MetricsListener(const MetricRegistry& registry, const std::string& address);
  MetricsListener(const MetricsListener&) = delete;
  MetricsListener& operator=(const MetricsListener&) = delete;
  ~MetricsListener();

  [[nodiscard]] int port() const { return m_port; }

 private:
  void serve(std::stop_token stop) const;

  const MetricRegistry& m_registry;
  int m_socket;
  int m_wake;
  int m_port = 0;
  std::jthread m_thread;  ///< last: it uses all of the above
};

}  // namespace kbeat::metrics
