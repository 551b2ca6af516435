// The server: sockets, loops and connections around a router.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "kbeat/server/connection.hpp"

namespace kbeat::server {

struct ServerOptions {
  std::string host = "127.0.0.1";
  int port = 8000;  ///< 0: any that is free
  std::size_t loops = 2;
  std::filesystem::path tls_certificate{};  ///< chain in PEM; with it everything is TLS
  std::filesystem::path tls_key{};
  Milliseconds drain{5000};  ///< how long a stop waits for clients
};

/// Owns its threads. What `parts` names outlives it.
class HttpServer {
 public:
  /// Listens from now on. Throws Error{configuration} for a certificate or an address that cannot be used,
  /// Error{io} when the port is taken.
  HttpServer(const ServerOptions& options, ServerParts parts);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  /// As stop.
  ~HttpServer();

  /// Answers requests from now on.
  void start();
  /// Reads certificate and key again, for connections from now on. Throws as the constructor does, and leaves
  /// everything as it was. Any thread.
  void reload_tls();
  /// Takes no more connections, finishes what is in hand and says goodbye to live clients, within the drain
  /// time.
  void stop();

  [[nodiscard]] int port() const;
  [[nodiscard]] std::size_t connections() const;

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

/// `HOST:PORT`, `:PORT`, `[V6]:PORT`. Throws Error{usage} naming the flag.
void parse_listen(const std::string& text, ServerOptions& options);

/// True for addresses that only this machine reaches.
[[nodiscard]] bool is_loopback(const std::string& host);

}  // namespace kbeat::server
