// Reaches Kafka, however long it takes: attempts, a cool-down after the last, and again without end.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "kbeat/base/clock.hpp"
#include "kbeat/config/settings.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::pipeline {

/// What `health` shows of it.
struct ConnectionState {
  bool connected = false;
  bool in_cooldown = false;
  int retry_count = 0;
};

/// What an attempt does: asks the brokers once, for at most `timeout`.
[[nodiscard]] std::function<void()> broker_probe(transport::Transport& transport, Milliseconds timeout);

/// Does one thing at a time when `step` is called; never waits by itself, so that its owner can go on
/// polling and finishing work. Not safe for several threads.
class ConnectLoop {
 public:
  /// `probe` throws Error while Kafka is away. With `attempts` > 0 the loop gives up after so many; when they
  /// are fewer than the settings', the messages count up to them.
  ConnectLoop(const config::ConnectSettings& settings, Clock& clock, std::function<void()> probe,
              int attempts);

  /// Tries when it is time to. Throws the probe's last Error when the attempts are used up, or at once when
  /// waiting cannot mend it (credentials, configuration).
  void step();

  /// Waits and steps until connected or stopped; calls `look`, if there is one, at least once a second of
  /// waiting.
  void run(std::stop_token stop, const std::function<void()>& look = {});

  /// The connection broke: start over with the first attempt.
  void lost(const std::string& reason);
  /// Connected by other means than a probe.
  void found();
  /// There is nothing to connect to.
  void not_needed() { m_state.connected = true; }

  [[nodiscard]] const ConnectionState& state() const { return m_state; }

 private:
  [[nodiscard]] Milliseconds time_to_next() const;  ///< zero when `step` is due
  void plan_next();
  [[nodiscard]] Milliseconds delay_after(int attempt) const;

  config::ConnectSettings m_settings;
  Clock& m_clock;
  std::function<void()> m_probe;
  int m_attempts;
  ConnectionState m_state;
  int m_next_attempt = 1;
  int m_tried = 0;
  SteadyTime m_due;
};

}  // namespace kbeat::pipeline
