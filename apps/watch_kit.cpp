// Puts registry, exporters and monitor together.
#include "watch_kit.hpp"

#include <CLI/CLI.hpp>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/metrics/prometheus_text.hpp"
#include "kbeat/transport/metered_transport.hpp"

namespace kbeat::app {
namespace {

constexpr const char* k_metrics = "Metrics";

}  // namespace

void add_metrics_flags(CommandLine& line, CLI::App& app, Lifetime lifetime) {
  add_setting(line, app, "--metrics-file", "metrics.file", "write metrics here, for a textfile collector")
      ->type_name("FILE")
      ->group(k_metrics);
  if (lifetime == Lifetime::bounded) return;
  add_setting(line, app, "--metrics-listen", "metrics.listen", "serve /metrics to Prometheus")
      ->type_name("HOST:PORT")
      ->group(k_metrics);
}

WatchKit::WatchKit(const Context& context, const std::string& group, Lifetime lifetime)
    : WatchKit(context, group, lifetime, connect_transport(context)) {}

WatchKit::WatchKit(const Context& context, const std::string& group, Lifetime lifetime,
                   std::unique_ptr<transport::Transport> inner)
    : m_context(context), m_inner(std::move(inner)) {
  const config::Settings& settings = context.settings();
  const bool exports =
      !settings.metrics.listen.empty() || !settings.metrics.file.empty() || !settings.statsd.host.empty();
  if (!exports && lifetime == Lifetime::bounded) return;
  m_families = std::make_unique<metrics::Families>(m_registry);
  m_metered = transport::make_metered_transport(*m_inner, *m_families);
  if (!settings.metrics.listen.empty()) {
    m_listener = std::make_unique<metrics::MetricsListener>(m_registry, settings.metrics.listen);
    log_info("metrics: http port {}", m_listener->port());
  }
  if (!settings.statsd.host.empty())
    m_statsd = std::make_unique<metrics::StatsdClient>(settings.statsd.host, settings.statsd.prefix);
  if (!settings.metrics.file.empty()) metrics::write_metrics_file(m_registry, settings.metrics.file);
  m_messenger = upkeep::make_messenger({.exec = settings.alerts.exec, .webhook = settings.alerts.webhook});
  m_monitor = std::make_unique<upkeep::Monitor>(
      upkeep::MonitorParts{*m_inner, *m_families, *m_messenger, context.clock},
      upkeep::MonitorOptions{.data_dir = settings.transport.data_dir,
                             .group = group,
                             .alerts = settings.alerts,
                             .exported = [this] { export_now(); }});
}

WatchKit::~WatchKit() = default;

transport::Transport& WatchKit::transport() {
  return m_metered ? *m_metered : *m_inner;
}

void WatchKit::export_now() {
  if (m_statsd) m_statsd->send(m_registry);
  const std::string& file = m_context.settings().metrics.file;
  if (file.empty()) return;
  try {
    metrics::write_metrics_file(m_registry, file);
  } catch (const Error& error) {
    log_error("{}", error.what());
  }
}

void WatchKit::finish() {
  m_monitor.reset();
  if (!m_families) return;
  if (m_statsd) m_statsd->send(m_registry);
  const std::string& file = m_context.settings().metrics.file;
  if (!file.empty()) metrics::write_metrics_file(m_registry, file);
}

}  // namespace kbeat::app
