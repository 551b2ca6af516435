// When each record may go: by the clock of its stamps, or by a rate.
#pragma once

#include <cstdint>
#include <optional>

#include "kbeat/base/clock.hpp"

namespace kbeat::replay {

struct Pace {
  double speed = 0;       ///< times the original clock; 0: not by the clock
  double per_second = 0;  ///< records; 0: no limit
};

/// The first record begins the clock; one that is stamped before it goes at once. For one thread.
class Pacer {
 public:
  Pacer(const Pace& pace, const Clock& clock) : m_pace(pace), m_clock(clock) {}

  /// How long the next record has still to wait; zero: it goes now. Counts it as gone then.
  [[nodiscard]] Milliseconds wait_for(WallTime stamp);

 private:
  Pace m_pace;
  const Clock& m_clock;
  std::optional<SteadyTime> m_begun;
  WallTime m_first;
  std::uint64_t m_gone = 0;
};

}  // namespace kbeat::replay
