// The reporter's thread: one row every two seconds, at once when the connection changes.
#include "kbeat/pipeline/runtime_reporter.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/pipeline/runtime_detail.hpp"

namespace kbeat::pipeline {
namespace {

/// A loop that has not turned for so long is stuck: the service manager may start it anew.
constexpr Milliseconds k_stuck_after{60'000};

std::string status_of(const ConsumeView& view) {
  const std::string work =
      fmt::format("{} events done, {} dead letters", view.counts.done, view.counts.dead_letters);
  if (view.draining) return fmt::format("stopping; {}", work);
  if (view.connection.in_cooldown) return fmt::format("cooling down before connecting again; {}", work);
  return fmt::format("{}; {}", connection_name(view), work);
}

bool same(const ConnectionState& a, const ConnectionState& b) {
  return a.connected == b.connected && a.in_cooldown == b.in_cooldown && a.retry_count == b.retry_count;
}

}  // namespace

bool is_gone(const store::RuntimeState& state, WallTime now) {
  return now - state.updated > k_gone_after;
}

RuntimeReporter::RuntimeReporter(std::function<std::unique_ptr<store::Store>()> open_store,
                                 ReporterOptions options, Clock& clock)
    : m_open_store(std::move(open_store)),
      m_options(std::move(options)),
      m_clock(clock),
      m_begun(clock.now()),
      m_seen(clock.steady()) {
  m_thread = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
}

RuntimeReporter::~RuntimeReporter() {
  m_thread.request_stop();
  m_changed.notify_all();
}

void RuntimeReporter::shown(const ConsumeView& view) {
  const std::lock_guard lock(m_mutex);
  const bool news = !same(view.connection, m_view.connection) || view.draining != m_view.draining;
  m_view = view;
  m_seen = m_clock.steady();
  if (!news) return;
  m_news = true;
  m_changed.notify_all();
}

void RuntimeReporter::run(std::stop_token stop) {
  std::unique_ptr<store::Store> store;
  const Milliseconds period =
      std::min(m_options.period, m_service.watchdog_period().value_or(m_options.period) / 2);
  while (!stop.stop_requested()) {
    try {
      if (!store) store = m_open_store();
      take_places(*store);
      write(*store);
    } catch (const Error& error) {
      log_warning("cannot tell health how this process is: {}", error.what());
    }
    tell_manager();
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, stop, period, [this] { return m_news; });
    m_news = false;
  }
  try {
    if (store) store->runtime().remove(m_options.process);
  } catch (const Error& error) {
    log_warning("cannot take this process out of the store: {}", error.what());
  }
}

/// Of processes that gave their last sign before this one began. Right after a crash nobody can tell yet.
void RuntimeReporter::take_places(store::Store& store) {
  for (const store::RuntimeState& other : store.runtime().read()) {
    const bool same_work = other.command == m_options.command && other.group == m_options.group;
    if (same_work && other.updated <= m_begun && is_gone(other, m_clock.now()))
      store.runtime().remove(other.process);
  }
}

void RuntimeReporter::write(store::Store& store) {
  store::RuntimeState state{.process = m_options.process,
                            .command = m_options.command,
                            .group = m_options.group,
                            .connection = {},
                            .updated = m_clock.now()};
  const bool on = !m_options.heeds_switch || store.runtime().is_on(m_options.group);
  const auto raised = m_options.watch != nullptr ? m_options.watch->raised() : std::vector<RaisedAlert>();
  {
    const std::lock_guard lock(m_mutex);
    state.connection = connection_name(m_view);
    state.in_cooldown = m_view.connection.in_cooldown;
    state.retry_count = m_view.connection.retry_count;
    state.detail = runtime_detail(m_view, std::chrono::duration_cast<Milliseconds>(m_clock.steady() - m_seen),
                                  raised, on);
  }
  store.runtime().write(state);
  if (m_is_on.exchange(on) != on) log_info("group {} was switched {}", m_options.group, on ? "on" : "off");
}

void RuntimeReporter::tell_manager() {
  if (!m_options.tells_manager || !m_service.wanted()) return;
  std::unique_lock lock(m_mutex);
  const bool turns = m_clock.steady() - m_seen < k_stuck_after;
  const bool draining = m_view.draining;
  const std::string status = status_of(m_view);
  lock.unlock();
  // Ready means ready to work as soon as there is a broker: a start does not fail because one is away.
  if (m_said.empty()) m_service.ready();
  if (draining) m_service.stopping();
  if (turns) m_service.alive();
  if (std::exchange(m_said, status) != status) m_service.status(status);
}

}  // namespace kbeat::pipeline
