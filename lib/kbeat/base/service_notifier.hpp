// Tells the service manager (systemd) that started this process how it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kbeat/base/clock.hpp"

namespace kbeat {

/// Speaks the protocol of sd_notify to the socket that NOTIFY_SOCKET names; without one it does nothing. A
/// manager that does not listen is no error. Any thread.
class ServiceNotifier {
 public:
  /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  ServiceNotifier();

  [[nodiscard]] bool wanted() const { return !m_socket.empty(); }
  /// How often `alive` has to be said, at least; nothing when nobody watches.
  [[nodiscard]] std::optional<Milliseconds> watchdog_period() const { return m_watchdog; }

  void ready() const { send("READY=1"); }
  void stopping() const { send("STOPPING=1"); }
  void alive() const { send("WATCHDOG=1"); }
  /// One line for `systemctl status`.
  void status(std::string_view text) const;

 private:
  void send(std::string_view message) const;

  std::string m_socket;
  std::optional<Milliseconds> m_watchdog;
};

}  // namespace kbeat
