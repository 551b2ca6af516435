// `serve`: everything live in one process, as the program sees it.
#pragma once

#include <filesystem>
#include <functional>

#include "kbeat/config/settings.hpp"
#include "kbeat/handlers/registry.hpp"
#include "kbeat/metrics/families.hpp"
#include "kbeat/server/live_server.hpp"

namespace kbeat::server {

/// The consumers that run beside the server in its process, if any do.
struct ConsumerSwitch {
  std::function<bool()> running;
  std::function<void(bool)> set;  ///< empty: there are none
};

struct ServeOptions {
  LiveServerOptions live;
  std::filesystem::path data_dir;
  bool kafka = false;
  std::string ingest_topic = "quiz-events";
  std::string group = "kbeat";
  bool make_topics = true;
  Milliseconds kafka_wait{2000};
  config::ConnectSettings connect;
};

struct ServeParts {
  transport::Transport& transport;
  const handlers::Registry& registry;
  metrics::Families& families;
  Clock& clock;
  ConsumerSwitch consumers;
};

/// As open_stream_server, for everything.
[[nodiscard]] std::unique_ptr<LiveServer> open_serve_server(const ServeOptions& options,
                                                            const ServeParts& parts);

/// Argon2id, by the server's libraries.
[[nodiscard]] std::string password_hash(std::string_view password);

}  // namespace kbeat::server
