// Flags of the commands that listen for clients, and what they make of a server.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "command.hpp"
#include "kbeat/pipeline/topics.hpp"
#include "kbeat/server/live_server.hpp"

namespace kbeat::app {

struct ListenFlags {
  std::string listen;
  std::string tls_certificate;
  std::string tls_key;
  std::vector<std::string> origins;
  std::vector<std::string> hosts;
  bool insecure = false;
  std::string slow = "drop";
  std::size_t queue = 1000;
  std::string keepalive = "60s";
  std::string request_timeout = "10s";
  std::string body_timeout = "30s";
  std::size_t max_clients = 20'000;
  std::size_t max_clients_of_address = 0;
  double max_rate = 0;
};

inline constexpr const char* k_server_flags = "Server";  ///< groups of flags in the help
inline constexpr const char* k_client_flags = "Live clients";

/// All but --listen itself, whose help differs from command to command.
void add_listen_flags(CLI::App& app, ListenFlags& flags);

/// Throws Error{usage}. Topics and start of the stream are the command's to add.
[[nodiscard]] server::LiveServerOptions listen_options(const ListenFlags& flags, const Context& context);

/// Makes sure that the topics are there, as ensure_topics does: Error{not_found} for one that a broker which
/// answers does not have. One that is away is waited for by the server. In the embedded log any topic is made
/// if `make` allows it.
void check_topics(transport::Transport& transport, const std::vector<std::string>& topics,
                  pipeline::MakeTopics make);

/// Says where the server listens, to people and to the service manager, and waits for a signal; then
/// `on_stop` is called and the server is stopped.
void run_until_stopped(server::LiveServer& server, const Context& context,
                       const std::function<void()>& on_stop = {});

}  // namespace kbeat::app
