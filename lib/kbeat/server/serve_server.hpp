// `serve`: everything live in one process, as the program sees it.
#pragma once

#include <filesystem>
#include <functional>

#include "kbeat/config/settings.hpp"
#include "kbeat/handlers/registry.hpp"
#include "kbeat/server/live_server.hpp"
#include "kbeat/upkeep/alerts.hpp"
#include "kbeat/upkeep/health.hpp"
#include "kbeat/upkeep/supervised_part.hpp"

namespace kbeat::server {

struct ServeOptions {
  LiveServerOptions live;
  std::filesystem::path data_dir;
  bool kafka = false;
  std::string ingest_topic = "quiz-events";
  std::string group = "kbeat";
  bool make_topics = true;
  Milliseconds kafka_wait{2000};
  std::uint64_t outbox_max_bytes = 0;  ///< that may wait for Kafka; 0: no limit
  config::ConnectSettings connect;
  config::AlertSettings alert_limits;
};

struct ServeParts {
  transport::Transport& transport;
  transport::Transport& stream_transport;  ///< the live stream reads there: nobody has consumed what it reads
  const handlers::Registry& registry;
  metrics::Families& families;
  Clock& clock;
  /// What runs beside the server in its process.
  std::function<std::vector<upkeep::PartState>()> parts;
  std::function<std::vector<upkeep::Alert>()> alerts;
  SeenConnection seen_connection;
  std::function<upkeep::HealthReport()> deep_health;  ///< any thread
};

/// As open_stream_server, for everything.
[[nodiscard]] std::unique_ptr<LiveServer> open_serve_server(const ServeOptions& options,
                                                            const ServeParts& parts);

/// Argon2id, by the server's libraries.
[[nodiscard]] std::string password_hash(std::string_view password);

}  // namespace kbeat::server
