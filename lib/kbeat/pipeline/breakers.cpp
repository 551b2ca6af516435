// Closed, open, probing: one state for each handler that ever failed.
#include "kbeat/pipeline/breakers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/pipeline/retry_policy.hpp"

namespace kbeat::pipeline {
namespace {

using namespace std::chrono_literals;

/// While a probe runs the others ask again after so long.
constexpr Milliseconds k_ask_again = 500ms;

bool is_failure(const Outcome& outcome) {
  const Retry* retry = std::get_if<Retry>(&outcome);
  return retry != nullptr &&
         (retry->category == FailureCategory::dependency || retry->category == FailureCategory::timeout);
}

}  // namespace

std::optional<SteadyTime> Breakers::wait_until(std::string_view handler) {
  const std::scoped_lock lock(m_mutex);
  const auto found = m_breakers.find(handler);
  if (found == m_breakers.end() || found->second.pauses == 0) return std::nullopt;
  Breaker& breaker = found->second;
  const SteadyTime now = m_clock.steady();
  if (breaker.probing) return now + k_ask_again;
  if (now < breaker.probe_at) return breaker.probe_at;
  breaker.probing = true;
  return std::nullopt;
}

std::optional<SteadyTime> Breakers::settle(std::string_view handler, std::string_view identity,
                                           const Outcome& outcome) {
  if (m_policy.failures <= 0) return std::nullopt;
  const std::scoped_lock lock(m_mutex);
  const auto found = m_breakers.find(handler);
  if (is_failure(outcome)) {
    Breaker& breaker = found != m_breakers.end() ? found->second : m_breakers[std::string(handler)];
    return fail(breaker, handler, identity, std::get<Retry>(outcome));
  }
  if (found == m_breakers.end()) return std::nullopt;
  if (found->second.pauses > 0) log_info("{}: its dependency answers again; it goes on", handler);
  m_breakers.erase(found);
  return std::nullopt;
}

std::optional<SteadyTime> Breakers::fail(Breaker& breaker, std::string_view handler,
                                         std::string_view identity, const Retry& retry) {
  constexpr double k_no_jitter = 0.5;
  breaker.reason = retry.reason;
  if (breaker.failures++ == 0) breaker.first_event = identity;
  breaker.several_events = breaker.several_events || breaker.first_event != identity;
  const bool probe_failed = breaker.probing;
  breaker.probing = false;
  const bool opens = breaker.pauses == 0 && breaker.failures >= m_policy.failures && breaker.several_events;
  const SteadyTime now = m_clock.steady();
  if (!opens && !probe_failed) {
    if (breaker.pauses == 0) return std::nullopt;
    breaker.probe_at = std::max(breaker.probe_at, now + asked_wait(retry));
    return breaker.probe_at + breaker.pause / 2;
  }
  if (opens) breaker.opened = now;
  breaker.pause = std::max(backoff_delay(m_policy.pause, ++breaker.pauses, k_no_jitter), asked_wait(retry));
  breaker.probe_at = now + breaker.pause;
  log_warning("{}: its dependency keeps failing, it pauses for {}: {}", handler, seconds_text(breaker.pause),
              retry.reason);
  return breaker.probe_at + breaker.pause / 2;
}

std::vector<OpenBreaker> Breakers::open() const {
  const std::scoped_lock lock(m_mutex);
  std::vector<OpenBreaker> open;
  for (const auto& [handler, breaker] : m_breakers) {
    if (breaker.pauses == 0) continue;
    open.push_back({.handler = handler,
                    .reason = breaker.reason,
                    .open_for = std::chrono::duration_cast<Milliseconds>(m_clock.steady() - breaker.opened)});
  }
  return open;
}

void Breakers::check(Milliseconds patience) const {
  for (const OpenBreaker& breaker : open()) {
    if (breaker.open_for <= patience) continue;
    throw Error(ErrorCode::unreachable,
                fmt::format("{} has failed for {} and its events wait: {}", breaker.handler,
                            seconds_text(breaker.open_for), breaker.reason));
  }
}

}  // namespace kbeat::pipeline
