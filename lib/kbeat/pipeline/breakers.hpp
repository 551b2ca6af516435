// Circuit breakers: a handler whose dependency keeps failing pauses, so that its topic is not dead-lettered.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/base/backoff.hpp"
#include "kbeat/base/clock.hpp"
#include "kbeat/model/outcome.hpp"

namespace kbeat::pipeline {

struct BreakerPolicy {
  int failures = 5;       ///< in a row, of more than one event, open it; 0: never
  BackoffPolicy pause{};  ///< how long it stays open, longer each time that a probe fails
};

/// A handler that pauses.
struct OpenBreaker {
  std::string handler;
  std::string reason;  ///< of the last failure
  Milliseconds open_for{0};
};

/// Failures are retries for a timeout or a dependency. While a breaker is open nothing runs; after its pause,
/// which is no shorter than what the dependency asked for, one event is let through as a probe. Safe to call
/// from any thread.
class Breakers {
 public:
  Breakers(const BreakerPolicy& policy, Clock& clock) : m_policy(policy), m_clock(clock) {}

  /// Nothing when the handler may run now, which `settle` must follow; else when to ask again.
  [[nodiscard]] std::optional<SteadyTime> wait_until(std::string_view handler);
  /// What came of a run of the event. A failure that the handler pauses for is its dependency's: it counts
  /// for no attempt of the event, which is run again at the time given, when others have had their turn to
  /// probe.
  std::optional<SteadyTime> settle(std::string_view handler, std::string_view identity,
                                   const Outcome& outcome);

  [[nodiscard]] std::vector<OpenBreaker> open() const;
  /// Throws Error{unreachable} naming a handler that has paused for longer than `patience`.
  void check(Milliseconds patience) const;

 private:
  struct Breaker {
    int failures = 0;
    std::string first_event;
    bool several_events = false;
    std::uint64_t pauses = 0;  ///< 0: closed
    Milliseconds pause{0};     ///< the last of them
    SteadyTime opened;
    SteadyTime probe_at;
    bool probing = false;
    std::string reason;
  };

  std::optional<SteadyTime> fail(Breaker& breaker, std::string_view handler, std::string_view identity,
                                 const Retry& retry);

  BreakerPolicy m_policy;
  Clock& m_clock;
  mutable std::mutex m_mutex;  ///< guards m_breakers
  std::map<std::string, Breaker, std::less<>> m_breakers;
};

}  // namespace kbeat::pipeline
