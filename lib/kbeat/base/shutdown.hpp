// Signals as a stop token: the first asks to finish what is in hand, the second ends the process.
#pragma once

#include <functional>
#include <stop_token>

namespace kbeat {

/// Catches SIGINT and SIGTERM while it lives (one at a time, made by main before any thread starts).
/// The first signal requests stop; a second leaves at once with 128 + its number. SIGPIPE is ignored. SIGHUP
/// does the same as SIGTERM, unless somebody wants it for himself or it was ignored from the start (nohup).
/// Owns one thread that waits for signals; all other threads have them blocked.
class Shutdown {
 public:
  Shutdown();
  Shutdown(const Shutdown&) = delete;
  Shutdown& operator=(const Shutdown&) = delete;
  ~Shutdown();

  [[nodiscard]] std::stop_token token() const;
  /// What SIGHUP does from now on; nothing: what it did before. Called on the thread that waits for signals.
  void on_hangup(std::function<void()> call) const;
  /// The first signal received, or 0.
  [[nodiscard]] int signal() const;

 private:
  struct State;
  static bool hang_up(State& state);
  State* m_state;
};

}  // namespace kbeat
