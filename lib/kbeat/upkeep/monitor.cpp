// The monitor's thread.
#include "kbeat/upkeep/monitor.hpp"

#include <fmt/format.h>

#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"

namespace kbeat::upkeep {
namespace {

using namespace std::chrono_literals;

constexpr auto k_window = 60s;

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

Message message_of(const AlertChange& change) {
  const bool over = change.alert.severity == Severity::none;
  return {.id = fmt::format("{}/{}", to_string(change.alert.rule), to_rfc3339(change.alert.since)),
          .text = fmt::format("alert {}: {}", over ? "over" : to_string(change.alert.severity), change.text),
          .json = to_json(change),
          .urgent = change.alert.severity >= Severity::warning};
}

}  // namespace

void MinuteWindow::add(const pipeline::ConsumeView& view, SteadyTime now) {
  Slice slice{.time = now};
  slice.done = view.counts.done - m_last.done;
  slice.dead = view.counts.dead_letters - m_last.dead_letters;
  for (const auto duration : view.durations) slice.took += duration;
  slice.timed = view.durations.size();
  m_last = view.counts;
  if (slice.done + slice.dead + slice.timed > 0) m_slices.push_back(slice);
}

MinuteWindow::Slice MinuteWindow::sum(SteadyTime now) {
  while (!m_slices.empty() && now - m_slices.front().time > k_window) m_slices.pop_front();
  Slice total{.time = now};
  for (const Slice& slice : m_slices) {
    total.done += slice.done;
    total.dead += slice.dead;
    total.took += slice.took;
    total.timed += slice.timed;
  }
  return total;
}

std::optional<double> MinuteWindow::error_rate(SteadyTime now) {
  const Slice total = sum(now);
  const std::uint64_t events = total.done + total.dead;
  return events == 0 ? std::nullopt
                     : std::optional(static_cast<double>(total.dead) / static_cast<double>(events));
}

std::optional<double> MinuteWindow::processing_time(SteadyTime now) {
  const Slice total = sum(now);
  return total.timed == 0 ? std::nullopt
                          : std::optional(seconds(total.took) / static_cast<double>(total.timed));
}

Monitor::Monitor(const MonitorParts& parts, MonitorOptions options)
    : m_parts(parts),
      m_options(std::move(options)),
      m_metrics(parts.families),
      m_book(m_options.alerts),
      m_post(parts.messenger, m_options.period) {
  m_thread = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
}

Monitor::~Monitor() {
  m_thread.request_stop();
  m_wake.notify_all();
}

void Monitor::shown(const pipeline::ConsumeView& view) {
  m_metrics.shown(view);
  const std::lock_guard lock(m_mutex);
  m_window.add(view, m_parts.clock.steady());
  note_connection(view.needs_broker, view.connection.connected);
}

void Monitor::seen_connection(bool needs_broker, bool connected) {
  const std::lock_guard lock(m_mutex);
  note_connection(needs_broker, connected);
}

/// With the mutex held.
void Monitor::note_connection(bool needs_broker, bool connected) {
  m_needs_broker = needs_broker;
  if (connected) {
    m_disconnected.reset();
  } else if (!m_disconnected) {
    m_disconnected = m_parts.clock.steady();
  }
}

std::vector<Alert> Monitor::active() const {
  const std::lock_guard lock(m_mutex);
  return m_active;
}

std::vector<pipeline::RaisedAlert> Monitor::raised() const {
  std::vector<pipeline::RaisedAlert> raised;
  for (const Alert& alert : active()) {
    raised.push_back({.alert = to_string(alert.rule),
                      .severity = to_string(alert.severity),
                      .text = describe(alert, limits_of(m_options.alerts, alert.rule))});
  }
  return raised;
}

void Monitor::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    look();
    if (m_options.exported) m_options.exported();
    std::unique_lock lock(m_mutex);
    m_wake.wait_for(lock, stop, m_options.period, [] { return false; });
  }
}

Measures Monitor::own_measures() {
  const std::lock_guard lock(m_mutex);
  const SteadyTime now = m_parts.clock.steady();
  Measures measures;
  // A minute without events has no errors.
  measures.error_rate = m_window.error_rate(now).value_or(0);
  measures.processing_time = m_window.processing_time(now).value_or(0);
  if (m_needs_broker) measures.disconnection = m_disconnected ? seconds(now - *m_disconnected) : 0;
  return measures;
}

void Monitor::look() {
  Measures measures = own_measures();
  try {
    const VitalSigns signs = take_vital_signs(
        &m_parts.transport, {.data_dir = m_options.data_dir, .group = m_options.group}, m_parts.clock.now());
    const Measures seen = measures_of(signs);
    measures.lag = seen.lag;
    measures.dlq_growth = seen.dlq_growth;
    measures.disk = seen.disk;
    show(signs);
  } catch (const Error& error) {
    log_warning("the monitor sees nothing: {}", error.what());
  }
  for (const AlertChange& change : m_book.judge(measures, m_parts.clock.now()))
    m_post.put(message_of(change));
  std::vector<Alert> active = m_book.active();
  m_parts.families.active_alerts.set(static_cast<double>(active.size()));
  m_parts.families.health_score.set(health_score(active));
  const std::lock_guard lock(m_mutex);
  m_active = std::move(active);
}

void Monitor::show(const VitalSigns& signs) {
  metrics::Families& families = m_parts.families;
  families.disk_free.set(static_cast<double>(signs.disk_free));
  families.disk_size.set(static_cast<double>(signs.disk_size));
  if (signs.figures) {
    families.outbox_waiting.set(static_cast<double>(signs.figures->outbox_waiting));
    families.outbox_parked.set(static_cast<double>(signs.figures->outbox_parked));
    families.dead_letters.set(static_cast<double>(signs.figures->dead_letters));
  }
  if (!signs.lags) return;
  families.lag.set(static_cast<double>(*total_lag(signs)));
  std::vector<std::string> present;
  for (const PartitionLag& lag : *signs.lags) present.push_back(to_string(lag.partition));
  if (present != m_shown) families.forget_partitions();
  m_shown = std::move(present);
  for (const PartitionLag& lag : *signs.lags) {
    families.partition_lag(lag.partition.topic.get(), lag.partition.partition.get())
        .set(static_cast<double>(lag.records()));
  }
}

}  // namespace kbeat::upkeep
