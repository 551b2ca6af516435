// The metrics that every kbeat process has, under the names that dashboards know.
#pragma once

#include "kbeat/metrics/metric_registry.hpp"

namespace kbeat::metrics {

/// Registers all of them, so that each is there at 0 from the start. References into the registry.
struct Families {
  explicit Families(MetricRegistry& registry);

  MetricRegistry& registry;
  Counter& sent;
  Counter& failed;
  Histogram& send_duration;
  Histogram& send_batch;
  Counter& consumed;
  Counter& processed;
  Histogram& processing_duration;
  Gauge& lag;
  Gauge& health_score;  ///< 0 to 100
  Gauge& active_alerts;
  Gauge& partitions;

  Gauge& connected;
  Gauge& in_cooldown;
  Gauge& connect_retries;
  Gauge& in_hand;
  Counter& retries;
  Gauge& outbox_waiting;
  Gauge& outbox_parked;
  Gauge& dead_letters;
  Gauge& disk_free;
  Gauge& disk_size;
  Gauge& stream_clients;

  /// Events by what became of them: done, duplicate, superseded, unhandled, skipped, dead_letter, fenced.
  [[nodiscard]] Counter& events(const std::string& outcome);
  [[nodiscard]] Gauge& partition_lag(const std::string& topic, int partition);
  /// Partitions that are no longer read are not shown for ever.
  void forget_partitions();
};

}  // namespace kbeat::metrics
