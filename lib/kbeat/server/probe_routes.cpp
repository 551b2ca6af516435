// What machines ask a server about itself: alive, ready, metrics.
#include "kbeat/server/probe_routes.hpp"

#include "kbeat/metrics/prometheus_text.hpp"

namespace kbeat::server {

void add_probe_routes(Router& router, const Probes& probes) {
  const auto alive = [](const HttpRequest&) { return HttpResponse{.body = "{\"status\":\"alive\"}\n"}; };
  const auto ready = [probes](const HttpRequest&) {
    const std::string missing = probes.missing();
    return missing.empty() ? HttpResponse{.body = "{\"status\":\"ready\"}\n"}
                           : problem_for_now(503, missing, 1);
  };
  router.get("/livez", "whether the process answers", alive);
  router.get("/readyz", "whether it can do its work", ready);
  router.get("/healthz", "as /readyz", ready);
  router.get("/metrics", "metrics in the text format of Prometheus", [probes](const HttpRequest&) {
    probes.refresh();
    return HttpResponse{.type = metrics::k_prometheus_type, .body = metrics::prometheus_text(probes.metrics)};
  });
}

}  // namespace kbeat::server
