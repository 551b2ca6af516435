// How long all clients of a loop may be held up for the sake of one.
#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

#include "kbeat/base/clock.hpp"

namespace kbeat::server {

/// Moments, and rarely: what is spent comes back at a fortieth of the time. One thread.
class Patience {
 public:
  explicit Patience(SteadyTime now) : m_looked(now) {}

  [[nodiscard]] bool is_left() const { return m_left > Span::zero(); }
  /// Time passed in which somebody was waited for.
  void spend(SteadyTime now) { m_left -= now - std::exchange(m_looked, now); }
  /// Time passed in which nobody was.
  void recover(SteadyTime now) {
    m_left = std::min(k_most, m_left + (now - std::exchange(m_looked, now)) / k_recovery);
  }

 private:
  using Span = SteadyTime::duration;
  static constexpr Span k_most = std::chrono::milliseconds{250};
  static constexpr int k_recovery = 40;

  Span m_left = k_most;
  SteadyTime m_looked;
};

}  // namespace kbeat::server
