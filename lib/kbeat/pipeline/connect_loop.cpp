// The attempts and waits of connecting, with the messages that operators look for.
#include "kbeat/pipeline/connect_loop.hpp"

#include <algorithm>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"

namespace kbeat::pipeline {
namespace {

bool waiting_may_help(const Error& error) {
  return error.retryable() || error.code() == ErrorCode::unreachable || error.code() == ErrorCode::timed_out;
}

}  // namespace

std::function<void()> broker_probe(transport::Transport& transport, Milliseconds timeout) {
  return [&transport, timeout] { transport.make_topic_admin(timeout)->reach(); };
}

ConnectLoop::ConnectLoop(const config::ConnectSettings& settings, Clock& clock, std::function<void()> probe,
                         int attempts)
    : m_settings(settings),
      m_clock(clock),
      m_probe(std::move(probe)),
      m_attempts(attempts),
      m_due(clock.steady()) {
  if (attempts > 0) m_settings.max_retries = std::min(m_settings.max_retries, attempts);
}

void ConnectLoop::step() {
  if (m_state.connected || m_clock.steady() < m_due) return;
  m_state.in_cooldown = false;
  log_info("Connecting to Kafka... (Attempt {}/{})", m_next_attempt, m_settings.max_retries);
  try {
    m_probe();
    found();
  } catch (const Error& error) {
    log_error("Kafka connection failed: {}", error.what());
    ++m_tried;
    const bool used_up = m_attempts > 0 && m_tried >= m_attempts;
    if (used_up || !waiting_may_help(error)) throw;
    plan_next();
  }
}

void ConnectLoop::run(std::stop_token stop, const std::function<void()>& look) {
  while (!m_state.connected && !stop.stop_requested()) {
    step();
    if (look) look();
    if (m_state.connected) return;
    constexpr Milliseconds k_look_every{1000};
    const Milliseconds left = look ? std::min(time_to_next(), k_look_every) : time_to_next();
    if (left > Milliseconds{0}) m_clock.wait(left, stop);
  }
}

Milliseconds ConnectLoop::time_to_next() const {
  return std::max(std::chrono::ceil<Milliseconds>(m_due - m_clock.steady()), Milliseconds{0});
}

void ConnectLoop::lost(const std::string& reason) {
  if (!m_state.connected) return;
  log_error("Kafka connection lost: {}", reason);
  m_state = {.connected = false, .in_cooldown = false, .retry_count = 0};
  m_next_attempt = 1;
  m_tried = 0;
  m_due = m_clock.steady();
}

void ConnectLoop::found() {
  if (!m_state.connected) log_info("Connected to Kafka");
  m_state = {.connected = true, .in_cooldown = false, .retry_count = 0};
  m_next_attempt = 1;
  m_tried = 0;
}

void ConnectLoop::plan_next() {
  m_state.retry_count = m_next_attempt;
  if (m_next_attempt < m_settings.max_retries) {
    const Milliseconds delay = delay_after(m_next_attempt);
    log_warning("Retrying in {}...", seconds_text(delay));
    m_due = m_clock.steady() + delay;
    ++m_next_attempt;
    return;
  }
  log_warning("Max retries reached. Cooling down for {} before trying again...",
              seconds_text(m_settings.cooldown));
  m_state.in_cooldown = true;
  m_due = m_clock.steady() + m_settings.cooldown;
  m_next_attempt = 1;
}

Milliseconds ConnectLoop::delay_after(int attempt) const {
  if (!m_settings.exponential) return m_settings.retry_delay;
  constexpr int k_longest_seconds = 30;
  const int seconds = attempt >= 5 ? k_longest_seconds : std::min(1 << attempt, k_longest_seconds);
  return std::chrono::seconds{seconds};
}

}  // namespace kbeat::pipeline
