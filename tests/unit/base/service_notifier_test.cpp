// What a service manager hears on its socket.
#include "kbeat/base/service_notifier.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>

using namespace kbeat;

namespace {

/// An abstract socket that stands for systemd's, and the variables that name it.
class Manager {
 public:
  Manager() : m_socket(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const std::string name = "kbeat-test-" + std::to_string(::getpid());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    REQUIRE(bind(m_socket, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
    setenv("WATCHDOG_USEC", "3000000", 1);
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;
  ~Manager() {
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    close(m_socket);
  }
  [[nodiscard]] std::string heard() const {
    std::array<char, 512> message{};
    const ssize_t size = recv(m_socket, message.data(), message.size(), MSG_DONTWAIT);
    return size < 0 ? "" : std::string(message.data(), static_cast<std::size_t>(size));
  }

 private:
  int m_socket;
};

}  // namespace

TEST_CASE("a service manager hears what is said, one line at a time", "[base]") {
  const Manager manager;
  const ServiceNotifier service;
  CHECK(service.wanted());
  CHECK(service.watchdog_period() == Milliseconds{3000});
  service.ready();
  service.status("two\nlines");
  service.alive();
  service.stopping();
  CHECK(manager.heard() == "READY=1");
  CHECK(manager.heard() == "STATUS=two\\nlines");
  CHECK(manager.heard() == "WATCHDOG=1");
  CHECK(manager.heard() == "STOPPING=1");
}

TEST_CASE("without a service manager nothing is sent and nobody watches", "[base]") {
  const ServiceNotifier service;
  CHECK_FALSE(service.wanted());
  CHECK_FALSE(service.watchdog_period().has_value());
  service.ready();
}
