// How long to leave a file alone that cannot be worked on now: its disk is full, or another process holds it.
#pragma once

#include <cstdint>

#include "kbeat/base/clock.hpp"
#include "kbeat/base/error.hpp"

namespace kbeat::pipeline {

/// Whether an error of this kind comes from a file of ours rather than from a broker.
[[nodiscard]] bool is_about_files(ErrorCode code);

/// Used by the loop's thread.
class StoreRetries {
 public:
  /// A bounded run gives up after some tries in a row; others never do.
  StoreRetries(bool bounded, Clock& clock) : m_bounded(bounded), m_clock(clock), m_due(clock.steady()) {}

  [[nodiscard]] bool may_try() const { return m_clock.steady() >= m_due; }
  void worked() { m_failures = 0; }
  /// Says when the next try is. False when there is none: waiting does not help, or the run gives up.
  [[nodiscard]] bool plan_next(const Error& error);

 private:
  bool m_bounded;
  Clock& m_clock;
  std::uint64_t m_failures = 0;
  SteadyTime m_due;
};

}  // namespace kbeat::pipeline
