// Metrics and alerts around a running command, as its settings ask for.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "command.hpp"
#include "kbeat/metrics/metrics_listener.hpp"
#include "kbeat/metrics/statsd.hpp"
#include "kbeat/upkeep/monitor.hpp"

namespace kbeat::app {

enum class Lifetime { bounded, long_lived };

/// Adds --metrics-file, and --metrics-listen for commands that run long.
void add_metrics_flags(CommandLine& line, CLI::App& app, Lifetime lifetime);

/// Opens the command's transport. A long-lived command is monitored; a bounded one only when it has metrics
/// to export, and pays nothing otherwise.
class WatchKit {
 public:
  WatchKit(const Context& context, const std::string& group, Lifetime lifetime);
  /// With a transport that was opened already.
  WatchKit(const Context& context, const std::string& group, Lifetime lifetime,
           std::unique_ptr<transport::Transport> inner);
  ~WatchKit();
  WatchKit(const WatchKit&) = delete;
  WatchKit& operator=(const WatchKit&) = delete;

  [[nodiscard]] transport::Transport& transport();
  /// What passes through it is in no metric.
  [[nodiscard]] transport::Transport& uncounted_transport() { return *m_inner; }
  /// Of a long-lived command.
  [[nodiscard]] metrics::Families& families() { return *m_families; }
  [[nodiscard]] upkeep::Monitor& monitor() { return *m_monitor; }
  /// For a consume loop; nothing when nobody watches.
  [[nodiscard]] pipeline::ConsumeWatch* watch() { return m_monitor.get(); }
  /// The last export. Throws Error{io} when the file cannot be written.
  void finish();

 private:
  void export_now();

  const Context& m_context;
  std::unique_ptr<transport::Transport> m_inner;
  metrics::MetricRegistry m_registry;
  std::unique_ptr<metrics::Families> m_families;
  std::unique_ptr<transport::Transport> m_metered;
  std::unique_ptr<metrics::MetricsListener> m_listener;
  std::unique_ptr<metrics::StatsdClient> m_statsd;
  std::unique_ptr<upkeep::Messenger> m_messenger;
  std::unique_ptr<upkeep::Monitor> m_monitor;  ///< last: its thread uses all of the above
};

}  // namespace kbeat::app
