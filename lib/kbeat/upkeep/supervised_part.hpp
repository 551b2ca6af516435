// A part of a process that fails alone: it is started again after a pause, and the others go on.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "kbeat/base/backoff.hpp"

namespace kbeat::upkeep {

struct PartState {
  std::string name;
  bool running = false;
  std::uint64_t restarts = 0;
  std::string last_error;  ///< why it was started anew the last time
};

/// Owns one thread. What ends before its stop is requested, by an exception or by itself, begins anew; pauses
/// grow while it keeps failing.
class SupervisedPart {
 public:
  using Work = std::function<void(std::stop_token)>;

  SupervisedPart(std::string name, Work work, Clock& clock, BackoffPolicy backoff = default_backoff());
  SupervisedPart(const SupervisedPart&) = delete;
  SupervisedPart& operator=(const SupervisedPart&) = delete;
  ~SupervisedPart();

  [[nodiscard]] static BackoffPolicy default_backoff();

  /// Any thread.
  [[nodiscard]] PartState state() const;
  void request_stop() { m_thread.request_stop(); }
  /// Waits for its end.
  void stop();

 private:
  void run(std::stop_token stop);
  /// Why it ended.
  [[nodiscard]] std::string run_once(const std::stop_token& stop);

  Work m_work;
  Clock& m_clock;
  BackoffPolicy m_backoff;
  mutable std::mutex m_mutex;
  PartState m_state;
  std::jthread m_thread;  ///< last: it uses all of the above
};

}  // namespace kbeat::upkeep
