// Accepts, reads one request head, answers, closes.
#include "kbeat/metrics/metrics_listener.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "kbeat/base/clock.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/handle.hpp"
#include "kbeat/base/host_port.hpp"
#include "kbeat/metrics/prometheus_text.hpp"

namespace kbeat::metrics {
namespace {

constexpr std::size_t k_longest_head = 8192;
constexpr std::chrono::seconds k_patience{1};

Error refused(const std::string& address, const std::string& why) {
  return {ErrorCode::configuration,
          fmt::format("cannot listen for metrics on \"{}\": {} (write HOST:PORT)", address, why)};
}

int listen_on(const std::string& address) {
  const auto place = parse_host_port(address);
  if (!place) throw refused(address, "it names no port from 0 to 65535");
  const std::string host = place->host.empty() ? "127.0.0.1" : place->host;
  const std::string port = std::to_string(place->port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  const Handle<addrinfo, freeaddrinfo> owner(found);
  if (failure != 0) throw refused(address, gai_strerror(failure));
  const int handle = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int yes = 1;
  if (handle >= 0) setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  constexpr int k_backlog = 16;
  if (handle >= 0 && bind(handle, found->ai_addr, found->ai_addrlen) == 0 && listen(handle, k_backlog) == 0)
    return handle;
  const std::string why = std::strerror(errno);
  if (handle >= 0) close(handle);
  throw refused(address, why);
}

int port_of(int handle) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  if (getsockname(handle, reinterpret_cast<sockaddr*>(&name), &size) != 0) return 0;
  if (name.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&name)->sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in*>(&name)->sin_port);
}

/// The request's head, or what came of it within the time: one client is answered after the other, and a slow
/// one must not keep the others waiting by a byte now and then.
std::string read_head(int client) {
  const SteadyTime end = std::chrono::steady_clock::now() + k_patience;
  std::string head;
  std::array<char, 2048> part;
  while (head.size() < k_longest_head && head.find("\r\n\r\n") == std::string::npos) {
    if (std::chrono::steady_clock::now() >= end) break;
    const ssize_t got = recv(client, part.data(), part.size(), 0);
    if (got <= 0) break;
    head.append(part.data(), static_cast<std::size_t>(got));
  }
  return head;
}

std::string response(std::string_view status, const char* type, const std::string& body, bool with_body) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
                     status, type, body.size(), with_body ? body : "");
}

std::string answer_to(const std::string& head, const MetricRegistry& registry) {
  const std::size_t end = head.find(' ');
  const std::string method = head.substr(0, end);
  const std::string target =
      end == std::string::npos ? "" : head.substr(end + 1, head.find(' ', end + 1) - end - 1);
  if (method != "GET" && method != "HEAD") {
    return response("405 Method Not Allowed\r\nAllow: GET, HEAD", "text/plain", "only GET and HEAD\n", true);
  }
  const bool with_body = method == "GET";
  const std::string path = target.substr(0, target.find('?'));
  if (path != "/metrics") return response("404 Not Found", "text/plain", "see /metrics\n", with_body);
  return response("200 OK", k_prometheus_type, prometheus_text(registry), with_body);
}

void send_all(int client, const std::string& text) {
  const SteadyTime end = std::chrono::steady_clock::now() + k_patience;
  std::size_t sent = 0;
  while (sent < text.size() && std::chrono::steady_clock::now() < end) {
    const ssize_t now = send(client, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (now <= 0) return;
    sent += static_cast<std::size_t>(now);
  }
}

void bound_time(int client) {
  const timeval second{.tv_sec = 1, .tv_usec = 0};
  setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
  setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
}

}  // namespace

MetricsListener::MetricsListener(const MetricRegistry& registry, const std::string& address)
    : m_registry(registry),
      m_socket(listen_on(address)),
      m_wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      m_port(port_of(m_socket)),
      m_thread([this](std::stop_token stop) { serve(std::move(stop)); }) {}

MetricsListener::~MetricsListener() {
  m_thread.request_stop();
  static_cast<void>(eventfd_write(m_wake, 1));
  m_thread.join();
  close(m_socket);
  close(m_wake);
}

void MetricsListener::serve(std::stop_token stop) const {
  std::array<pollfd, 2> watched{{{m_socket, POLLIN, 0}, {m_wake, POLLIN, 0}}};
  while (!stop.stop_requested()) {
    if (poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
    const int client = accept4(m_socket, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    bound_time(client);
    if (const std::string head = read_head(client); head.find("\r\n\r\n") != std::string::npos)
      send_all(client, answer_to(head, m_registry));
    shutdown(client, SHUT_WR);
    close(client);
  }
}

}  // namespace kbeat::metrics
