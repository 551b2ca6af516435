// Plain settings with their defaults, one struct a domain; load.hpp fills them from flag, environment and
// file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/config/oauth_settings.hpp"
#include "kbeat/config/route_settings.hpp"
#include "kbeat/config/schema_settings.hpp"
#include "kbeat/config/upkeep_settings.hpp"

namespace kbeat::config {

/// Whether a value may be shown.
enum class Secrecy { open, secret };

enum class TransportChoice { kafka, embedded };
enum class Preset { none, throughput, latency };

/// How to reach Kafka. `properties` are librdkafka's, in the order given, later ones win.
struct KafkaSettings {
  std::vector<std::string> brokers;
  std::vector<std::pair<std::string, std::string>> properties;
  Preset preset = Preset::none;
  OauthSettings oauth;
};

struct TransportSettings {
  TransportChoice choice = TransportChoice::embedded;
  std::filesystem::path data_dir;  ///< the embedded log lies here
  KafkaSettings kafka;
};

/// The connect loop (KAFKA_CONNECTION_MAX_RETRIES, _RETRY_DELAY, KAFKA_COOLDOWN).
struct ConnectSettings {
  int max_retries = 10;
  Milliseconds retry_delay{3000};
  Milliseconds cooldown{30'000};
  bool exponential = false;  ///< wait min(2^n, 30) s instead of retry_delay
};

/// Retries of a handler.
struct RetrySettings {
  std::string strategy = "exponential";
  int max_retries = 3;
  Milliseconds delay{200};
  Milliseconds cap{30'000};
  double jitter = 0.2;
  std::size_t burst = 100;    ///< tries again of what is due that run at a time
  std::string order = "key";  ///< or none: what backs off does not hold up its key
  int breaker = 5;            ///< failures in a row that make a handler pause; 0: never
};

/// Batches of finished records.
struct BatchSettings {
  std::size_t size = 25;
  Milliseconds timeout{5000};
  std::size_t max_ahead = 10'000;
};

/// What may be fetched.
struct FetchSettings {
  bool allow_private_addresses = false;
  bool allow_file_urls = false;
  std::uint64_t max_bytes = 200ull << 20;
  Milliseconds total{60'000};
};

/// Where consume and stream read when the command line names nothing.
struct ConsumeSettings {
  std::string topic;
  std::string group = "kbeat";
  std::string offset_reset;  ///< earliest, latest, or empty: the command's own default
  bool auto_commit = false;  ///< counts only where records are printed
};

struct StatsdSettings {
  std::string host;  ///< host[:port]; empty: off
  std::string prefix = "kbeat";
};

struct LogSettings {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
  int verbosity = 0;  ///< -1 quiet, 0 normal, 1 and more for each -v
};

enum class Color { automatic, always, never };

/// All of them; commands hand each class the small struct that it needs.
struct Settings {
  TransportSettings transport;
  ConnectSettings connect;
  RetrySettings retry;
  BatchSettings batch;
  FetchSettings fetch;
  ConsumeSettings consume;
  StatsdSettings statsd;
  LogSettings log;
  MetricsSettings metrics;
  NotifySettings notify;
  AlertSettings alerts;  ///< without limits until they are loaded
  Color color = Color::automatic;
  std::optional<Milliseconds> timeout;  ///< without one, each command has its own default
  std::string schema_registry_url;
  std::string api_token;
  bool event_sourcing = false;
  std::vector<SchemaSettings> schemas;
  std::vector<RouteSettings> routes;  ///< in their order; the first that fits an event counts
};

}  // namespace kbeat::config
