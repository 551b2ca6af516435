// What machines ask a server about itself: alive, ready, metrics.
#pragma once

#include <functional>
#include <string>

#include "kbeat/metrics/families.hpp"
#include "kbeat/server/router.hpp"

namespace kbeat::server {

struct Probes {
  /// What is missing to be ready; empty when nothing is. Quick, any thread.
  std::function<std::string()> missing;
  /// Brings gauges up to date before they are read.
  std::function<void()> refresh;
  metrics::MetricRegistry& metrics;
};

/// `/livez`, `/readyz`, `/healthz` and `/metrics`. The probes outlive the router's use.
void add_probe_routes(Router& router, const Probes& probes);

}  // namespace kbeat::server
