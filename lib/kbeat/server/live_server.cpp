// Loads the server's shared object when the first server is asked for.
#include "kbeat/server/live_server.hpp"

#include "kbeat/base/plugin.hpp"
#include "kbeat/server/serve_server.hpp"

namespace kbeat::server {

using OpenServer = LiveServer*(const LiveServerOptions& options, const LiveServerParts& parts);

std::unique_ptr<LiveServer> open_stream_server(const LiveServerOptions& options,
                                               const LiveServerParts& parts) {
  return std::unique_ptr<LiveServer>(
      plugin_function<OpenServer>("server", "kbeat_open_stream_server")(options, parts));
}

std::unique_ptr<LiveServer> open_serve_server(const ServeOptions& options, const ServeParts& parts) {
  using Open = LiveServer*(const ServeOptions& options, const ServeParts& parts);
  return std::unique_ptr<LiveServer>(
      plugin_function<Open>("server", "kbeat_open_serve_server")(options, parts));
}

std::string password_hash(std::string_view password) {
  using Hash = void(std::string_view password, std::string & hash);
  std::string hash;
  plugin_function<Hash>("server", "kbeat_hash_password")(password, hash);
  return hash;
}

}  // namespace kbeat::server
