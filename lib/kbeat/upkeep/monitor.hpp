// Looks after a running process: vital signs every few seconds become metrics and alerts.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "kbeat/metrics/families.hpp"
#include "kbeat/pipeline/consume_metrics.hpp"
#include "kbeat/transport/transport.hpp"
#include "kbeat/upkeep/alert_post.hpp"
#include "kbeat/upkeep/alerts.hpp"
#include "kbeat/upkeep/messenger.hpp"
#include "kbeat/upkeep/vital_signs.hpp"

namespace kbeat::upkeep {

/// A minute's events: their number, failures and time, from views that come a few times a second.
class MinuteWindow {
 public:
  void add(const pipeline::ConsumeView& view, SteadyTime now);
  /// Share of the events that became dead letters; nothing while there were none.
  [[nodiscard]] std::optional<double> error_rate(SteadyTime now);
  /// Seconds an event, mean.
  [[nodiscard]] std::optional<double> processing_time(SteadyTime now);

 private:
  struct Slice {
    SteadyTime time;
    std::uint64_t done = 0;
    std::uint64_t dead = 0;
    std::chrono::nanoseconds took{0};
    std::uint64_t timed = 0;
  };
  [[nodiscard]] Slice sum(SteadyTime now);

  std::deque<Slice> m_slices;
  pipeline::ConsumeCounts m_last;
};

/// Everything outlives the monitor.
struct MonitorParts {
  transport::Transport& transport;
  metrics::Families& families;
  Messenger& messenger;
  Clock& clock;
};

struct MonitorOptions {
  std::filesystem::path data_dir;
  std::string group;
  config::AlertSettings alerts;
  Milliseconds period{5000};
  std::function<void()> exported;  ///< called after each look: the metrics are fresh
};

/// Owns one thread, which asks broker, store and disk; what changed is delivered by another, so that no
/// messenger holds the measuring up. Views come from the loop's thread.
class Monitor final : public pipeline::ConsumeWatch {
 public:
  Monitor(const MonitorParts& parts, MonitorOptions options);
  ~Monitor() override;

  void shown(const pipeline::ConsumeView& view) override;
  /// For a process that has a connection without a loop. Any thread.
  void seen_connection(bool needs_broker, bool connected);
  /// Any thread.
  [[nodiscard]] std::vector<Alert> active() const;
  [[nodiscard]] std::vector<pipeline::RaisedAlert> raised() const override;

 private:
  void run(std::stop_token stop);
  void look();
  void show(const VitalSigns& signs);
  [[nodiscard]] Measures own_measures();
  void note_connection(bool needs_broker, bool connected);

  MonitorParts m_parts;
  MonitorOptions m_options;
  pipeline::ConsumeMetrics m_metrics;
  AlertBook m_book;
  std::vector<std::string> m_shown;  ///< partitions with a lag of their own
  AlertPost m_post;

  mutable std::mutex m_mutex;  ///< guards what follows
  std::condition_variable_any m_wake;
  MinuteWindow m_window;
  bool m_needs_broker = false;
  std::optional<SteadyTime> m_disconnected;
  std::vector<Alert> m_active;
  std::jthread m_thread;  ///< last: it uses all of the above
};

}  // namespace kbeat::upkeep
