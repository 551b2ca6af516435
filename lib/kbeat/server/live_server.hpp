// A server as the program sees it: what it is made of as plain values, and how it is started and ended.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "kbeat/metrics/families.hpp"
#include "kbeat/server/http_server.hpp"
#include "kbeat/server/stream_desk.hpp"

namespace kbeat::server {

/// Who may ask; tokens of users come from the store when it is there.
struct AccessOptions {
  std::string api_token;  ///< one token with the role admin; empty: none
  std::vector<std::string> hosts;
  std::vector<std::string> origins;
  bool insecure = false;  ///< an address that others reach needs neither TLS nor tokens
};

struct LiveServerOptions {
  ServerOptions http;
  HttpLimits limits;
  AccessOptions access;
  StreamOptions stream;
  double max_rate = 0;  ///< writing requests a second of one address; 0: no limit
};

/// Told once a second whether a broker is needed, and whether it answers.
using SeenConnection = std::function<void(bool needed, bool connected)>;

struct LiveServerParts {
  transport::Transport& transport;
  metrics::Families& families;
  Clock& clock;
  SeenConnection seen_connection{};
};

class LiveServer {
 public:
  LiveServer() = default;
  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;
  virtual ~LiveServer() = default;

  /// Where it listens, as a URL.
  [[nodiscard]] virtual std::string url() const = 0;
  /// Brings gauges up to date, for exporters that push.
  virtual void refresh() = 0;
  /// Reads certificate and key again; what is wrong with them is logged, and the former ones stay.
  virtual void reload() = 0;
  /// The store's outbox has new rows; a server without one does nothing.
  virtual void nudge_relay() {}
  /// Says goodbye to all clients, within the drain time.
  virtual void stop() = 0;
};

/// `stream --listen`: the live stream and the probes. Loads the server's libraries. Throws Error{usage} for
/// an address that others reach without TLS or token, Error{io} when the port is taken.
[[nodiscard]] std::unique_ptr<LiveServer> open_stream_server(const LiveServerOptions& options,
                                                             const LiveServerParts& parts);

/// Throws Error{usage} unless the address may be listened on in this way.
void check_exposure(const LiveServerOptions& options, bool has_tokens);

}  // namespace kbeat::server
