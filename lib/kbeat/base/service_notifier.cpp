// Datagrams to the manager's socket.
#include "kbeat/base/service_notifier.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>

#include "kbeat/base/escape.hpp"

namespace kbeat {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc{} && !text.empty() ? std::optional(value) : std::nullopt;
}

}  // namespace

ServiceNotifier::ServiceNotifier() : m_socket(variable("NOTIFY_SOCKET")) {
  const auto period = number(variable("WATCHDOG_USEC"));
  const auto pid = number(variable("WATCHDOG_PID"));
  const bool ours = !pid || *pid == ::getpid();
  if (wanted() && ours && period && *period > 0) m_watchdog = Milliseconds{*period / 1000};
}

void ServiceNotifier::status(std::string_view text) const {
  send(fmt::format("STATUS={}", escape_for_terminal(text, 200)));
}

void ServiceNotifier::send(std::string_view message) const {
  sockaddr_un address{};
  if (m_socket.empty() || m_socket.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, m_socket.data(), m_socket.size());
  if (m_socket.front() == '@') address.sun_path[0] = '\0';  // a name that is no file
  const int handle = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (handle < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + m_socket.size());
  static_cast<void>(sendto(handle, message.data(), message.size(), MSG_NOSIGNAL,
                           reinterpret_cast<const sockaddr*>(&address), size));
  close(handle);
}

}  // namespace kbeat
