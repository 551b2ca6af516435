// A part's thread: one run after the other.
#include "kbeat/upkeep/supervised_part.hpp"

#include <exception>
#include <random>
#include <utility>

#include "kbeat/base/log.hpp"

namespace kbeat::upkeep {
namespace {

/// A run of this length was no failed start: the next pause is the shortest again.
constexpr Milliseconds k_good_run{60'000};

double random_share() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
}

}  // namespace

BackoffPolicy SupervisedPart::default_backoff() {
  return {.kind = BackoffKind::exponential,
          .base = Milliseconds{1000},
          .cap = Milliseconds{30'000},
          .jitter = 0.2};
}

SupervisedPart::SupervisedPart(std::string name, Work work, Clock& clock, BackoffPolicy backoff)
    : m_work(std::move(work)), m_clock(clock), m_backoff(backoff) {
  m_state.name = std::move(name);
  m_thread = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
}

SupervisedPart::~SupervisedPart() {
  stop();
}

void SupervisedPart::stop() {
  m_thread.request_stop();
  if (m_thread.joinable()) m_thread.join();
}

PartState SupervisedPart::state() const {
  const std::lock_guard lock(m_mutex);
  return m_state;
}

std::string SupervisedPart::run_once(const std::stop_token& stop) {
  try {
    m_work(stop);
    return "it ended by itself";
  } catch (const std::exception& error) {
    return error.what();
  }
}

void SupervisedPart::run(std::stop_token stop) {
  std::uint64_t failures = 0;
  while (!stop.stop_requested()) {
    {
      const std::lock_guard lock(m_mutex);
      m_state.running = true;
    }
    const SteadyTime begun = m_clock.steady();
    const std::string reason = run_once(stop);
    const bool stopped = stop.stop_requested();
    {
      const std::lock_guard lock(m_mutex);
      m_state.running = false;
      if (!stopped) m_state.last_error = reason;
      if (!stopped) ++m_state.restarts;
    }
    if (stopped) return;
    failures = m_clock.steady() - begun >= k_good_run ? 1 : failures + 1;
    const Milliseconds pause = backoff_delay(m_backoff, failures, random_share());
    log_error("{}: {}; starting it again in {}", m_state.name, reason, seconds_text(pause));
    m_clock.wait(pause, stop);
  }
}

}  // namespace kbeat::upkeep
