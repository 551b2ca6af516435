// Time that moves only when a test says so, or when somebody waits.
#pragma once

#include <vector>

#include "kbeat/base/clock.hpp"

namespace kbeat::test {

/// For one thread. A wait moves the time by its duration and is remembered.
class FakeClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override { return m_now; }
  [[nodiscard]] SteadyTime steady() const override { return m_steady; }
  Waited wait(Milliseconds duration, std::stop_token stop) override {
    waits.push_back(duration);
    advance(duration);
    return stop.stop_requested() ? Waited::stopped : Waited::elapsed;
  }
  void advance(Milliseconds duration) {
    m_now += duration;
    m_steady += duration;
  }

  std::vector<Milliseconds> waits;

 private:
  WallTime m_now{Milliseconds{1'700'000'000'000}};
  SteadyTime m_steady{std::chrono::hours{1}};
};

}  // namespace kbeat::test
