// Due times from stamps and counts.
#include "kbeat/replay/pacer.hpp"

#include <algorithm>

namespace kbeat::replay {

Milliseconds Pacer::wait_for(WallTime stamp) {
  if (m_pace.speed <= 0 && m_pace.per_second <= 0) return Milliseconds{0};
  const SteadyTime now = m_clock.steady();
  if (!m_begun) {
    m_begun = now;
    m_first = stamp;
  }
  using Seconds = std::chrono::duration<double>;
  Seconds due{0};
  if (m_pace.speed > 0) due = std::max(due, Seconds(stamp - m_first) / m_pace.speed);
  if (m_pace.per_second > 0) due = std::max(due, Seconds(static_cast<double>(m_gone) / m_pace.per_second));
  const Seconds left = due - Seconds(now - *m_begun);
  if (left > Seconds{0}) {
    constexpr Seconds k_longest{3600 * 24 * 365.0};
    return std::chrono::ceil<Milliseconds>(std::min(left, k_longest));
  }
  ++m_gone;
  return Milliseconds{0};
}

}  // namespace kbeat::replay
