// A server on loopback that answers as badly as a test wants it to.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace kbeat::test {

/// One connection, its request's head already read.
class HttpPeer {
 public:
  HttpPeer(int socket, std::string head, std::stop_token stop)
      : m_socket(socket), m_head(std::move(head)), m_stop(std::move(stop)) {}

  [[nodiscard]] const std::string& head() const { return m_head; }
  /// False once the other side is gone or the server ends.
  bool send(std::string_view bytes);
  /// Holds the connection for so long; false when the other side hangs up or the server ends.
  bool stall(std::chrono::milliseconds duration);

 private:
  int m_socket;
  std::string m_head;
  std::stop_token m_stop;
};

/// Listens from its construction on; a thread for each connection, all joined at its end.
class HttpServer {
 public:
  using Reply = std::function<void(HttpPeer&)>;

  /// `address` is one of loopback's: 127.0.0.1, 127.0.0.2 …
  explicit HttpServer(std::string address = "127.0.0.1");
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  /// Answers a path; the connection is closed when `reply` returns. Other paths get a 404.
  void on(const std::string& path, Reply reply);
  /// Answers with these bytes as they are.
  void on(const std::string& path, std::string answer);

  [[nodiscard]] std::uint16_t port() const { return m_port; }
  [[nodiscard]] std::string url(const std::string& path) const;
  /// Connections so far, whatever they asked for.
  [[nodiscard]] int accepted() const { return m_accepted; }

 private:
  void accept_all(const std::stop_token& stop);
  void serve(int socket, const std::stop_token& stop);

  std::string m_address;
  int m_listener = -1;
  std::uint16_t m_port = 0;
  std::atomic<int> m_accepted = 0;
  std::mutex m_mutex;  ///< guards m_replies
  std::map<std::string, Reply> m_replies;
  std::vector<std::jthread> m_connections;  ///< of the acceptor alone
  std::jthread m_acceptor;
};

/// `HTTP/1.1 200 OK` with its length and this body.
[[nodiscard]] std::string http_ok(std::string_view body);
/// A status without a body; `header` is one line without its end, or empty.
[[nodiscard]] std::string http_status(int status, const std::string& header = "");

}  // namespace kbeat::test
