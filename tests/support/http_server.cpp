// A server on loopback: poll for connections, a thread each, bytes as the test gave them.
#include "support/http_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace kbeat::test {
namespace {

constexpr int k_tick_ms = 20;

std::string read_head(int socket, const std::stop_token& stop) {
  std::string head;
  while (!stop.stop_requested() && head.find("\r\n\r\n") == std::string::npos) {
    pollfd waiting{socket, POLLIN, 0};
    if (poll(&waiting, 1, k_tick_ms) == 0) continue;
    char buffer[4096];
    const ssize_t got = recv(socket, buffer, sizeof buffer, 0);
    if (got <= 0) return {};
    head.append(buffer, static_cast<std::size_t>(got));
  }
  return head;
}

std::string path_of(const std::string& head) {
  const std::size_t begin = head.find(' ') + 1;
  return head.substr(begin, head.find_first_of(" ?", begin) - begin);
}

}  // namespace

bool HttpPeer::send(std::string_view bytes) {
  while (!bytes.empty() && !m_stop.stop_requested()) {
    pollfd waiting{m_socket, POLLOUT, 0};
    if (poll(&waiting, 1, k_tick_ms) == 0) continue;
    const ssize_t sent = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return bytes.empty();
}

bool HttpPeer::stall(std::chrono::milliseconds duration) {
  const auto until = std::chrono::steady_clock::now() + duration;
  while (!m_stop.stop_requested() && std::chrono::steady_clock::now() < until) {
    pollfd waiting{m_socket, POLLRDHUP, 0};
    if (poll(&waiting, 1, k_tick_ms) > 0) return false;
  }
  return !m_stop.stop_requested();
}

HttpServer::HttpServer(std::string host)
    : m_address(std::move(host)), m_listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, m_address.c_str(), &address.sin_addr);
  socklen_t length = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (bind(m_listener, any, length) != 0 || listen(m_listener, 64) != 0 ||
      getsockname(m_listener, any, &length) != 0) {
    throw std::runtime_error("cannot listen on loopback");
  }
  m_port = ntohs(address.sin_port);
  m_acceptor = std::jthread([this](const std::stop_token& stop) { accept_all(stop); });
}

HttpServer::~HttpServer() {
  m_acceptor.request_stop();
  m_acceptor.join();
  m_connections.clear();
  close(m_listener);
}

void HttpServer::on(const std::string& path, Reply reply) {
  const std::scoped_lock lock(m_mutex);
  m_replies[path] = std::move(reply);
}

void HttpServer::on(const std::string& path, std::string answer) {
  on(path, [answer = std::move(answer)](HttpPeer& peer) { peer.send(answer); });
}

std::string HttpServer::url(const std::string& path) const {
  return fmt::format("http://{}:{}{}", m_address, m_port, path);
}

void HttpServer::accept_all(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd waiting{m_listener, POLLIN, 0};
    if (poll(&waiting, 1, k_tick_ms) <= 0) continue;
    const int peer = accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer < 0) continue;
    ++m_accepted;
    m_connections.emplace_back([this, peer](const std::stop_token& ending) { serve(peer, ending); });
  }
}

void HttpServer::serve(int socket, const std::stop_token& stop) {
  HttpPeer peer(socket, read_head(socket, stop), stop);
  Reply reply = [](HttpPeer& unknown) { unknown.send(http_status(404)); };
  {
    const std::scoped_lock lock(m_mutex);
    if (const auto found = m_replies.find(path_of(peer.head())); found != m_replies.end())
      reply = found->second;
  }
  if (!peer.head().empty()) reply(peer);
  close(socket);
}

std::string http_ok(std::string_view body) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}

std::string http_status(int status, const std::string& header) {
  return fmt::format("HTTP/1.1 {} Answer\r\nContent-Length: 0\r\n{}{}\r\n", status, header,
                     header.empty() ? "" : "\r\n");
}

}  // namespace kbeat::test
