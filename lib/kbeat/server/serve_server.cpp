// `serve`: stream, ingestion, management and results on one port.
#include "kbeat/server/serve_server.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "kbeat/base/log.hpp"
#include "kbeat/pipeline/relay.hpp"
#include "kbeat/pipeline/topics.hpp"
#include "kbeat/server/account_desk.hpp"
#include "kbeat/server/audit_trail.hpp"
#include "kbeat/server/broker_watch.hpp"
#include "kbeat/server/ingest_routes.hpp"
#include "kbeat/server/management.hpp"
#include "kbeat/server/probe_routes.hpp"
#include "kbeat/server/server_kit.hpp"
#include "kbeat/transport/topic_table.hpp"

namespace kbeat::server {
namespace {

constexpr std::size_t k_waiting_threads = 4;
constexpr std::size_t k_waiting_requests = 64;

BrokerWatchOptions watch_options(const ServeOptions& options) {
  BrokerWatchOptions watch;
  watch.connect = options.connect;
  watch.make_topics = options.make_topics;
  watch.topics = {options.ingest_topic, "conversation.events", "ai.responses",
                  "business.analytics", "generic_topic",       "system.monitoring"};
  return watch;
}

pipeline::RelayOptions relay_options(const ServeOptions& options, transport::Transport& transport,
                                     Ingest& ingest, BrokerWatch& broker) {
  pipeline::RelayOptions relay{
      .owner = fmt::format("serve-{}", getpid()), .client_id = "kbeat-serve-relay", .make_topic = nullptr};
  if (options.make_topics) {
    relay.make_topic = [&transport](const TopicName& topic) {
      constexpr Milliseconds k_timeout{5000};
      if (!pipeline::is_own_topic(topic.get())) return;
      try {
        pipeline::make_topic(transport, transport::default_spec(topic), k_timeout);
      } catch (const Error& error) {
        log_warning("serve: cannot make topic {}: {}", topic.get(), error.what());
      }
    };
  }
  relay.on_sent = [&ingest, &broker](std::span<const std::int64_t> seqs) {
    broker.heard();
    ingest.acknowledged(seqs);
  };
  return relay;
}

class ServeServer final : public LiveServer {
 public:
  ServeServer(const ServeOptions& options, const ServeParts& parts)
      : m_families(parts.families),
        m_seen_connection(parts.seen_connection),
        m_kafka(options.kafka),
        m_ingest_topic(options.ingest_topic),
        m_accounts({.data_dir = options.data_dir, .api_token = options.live.access.api_token}, parts.clock),
        m_audit(options.data_dir, parts.clock),
        m_guard(rules(options.live), [this](std::string_view token) { return m_accounts.caller_of(token); }),
        m_stream(parts.stream_transport, options.live.stream, m_families.registry, parts.clock, m_router),
        m_broker(parts.transport, watch_options(options), m_partitions, parts.clock),
        m_forms(parts.registry, options.ingest_topic, m_partitions),
        m_ingest({.data_dir = options.data_dir,
                  .group = GroupId{options.group},
                  .kafka = options.kafka,
                  .kafka_wait = options.kafka_wait,
                  .outbox_max_bytes = options.outbox_max_bytes},
                 {.connected = [this] { return m_broker.connected(); }, .nudge = [this] { m_relay.nudge(); }},
                 m_families.registry),
        m_relay(
            parts.transport,
            [dir = options.data_dir] { return store::open_store(dir, store::OpenMode::read_write); },
            relay_options(options, parts.transport, m_ingest, m_broker)),
        m_management{.transport = parts.transport,
                     .data_dir = options.data_dir,
                     .kafka = options.kafka,
                     .accounts = m_accounts,
                     .broker = m_broker,
                     .ingest = m_ingest,
                     .families = m_families,
                     .clock = parts.clock,
                     .group = options.group,
                     .parts = parts.parts,
                     .alerts = parts.alerts,
                     .deep_health = parts.deep_health,
                     .alert_limits = options.alert_limits,
                     .refresh = [this] { refresh(); },
                     .started = parts.clock.steady()},
        m_pool(k_waiting_threads, k_waiting_requests),
        m_rates(options.live.max_rate),
        m_requests(m_families.registry),
        m_http(options.live.http, {.router = m_router,
                                   .guard = m_guard,
                                   .pool = m_pool,
                                   .rates = m_rates,
                                   .limits = options.live.limits,
                                   .on_response = [this](const HttpRequest& request, const Route& route,
                                                         int status) { note(request, route, status); }}),
        m_url(url_of(options.live.http, m_http.port())) {
    add_ingest_routes(
        m_router, m_ingest, m_forms,
        [this](const TopicName& topic, const TopicVerdict& verdict) { check_topic(topic, verdict); });
    m_accounts.add_routes(m_router);
    add_probe_routes(m_router, {.missing = [this] { return missing(); },
                                .refresh = [this] { refresh(); },
                                .metrics = m_families.registry});
    add_broker_routes(m_router, m_management);
    add_consumer_routes(m_router, m_management);
    add_letter_routes(m_router, m_management);
    add_result_routes(m_router, m_management);
    add_dashboard_routes(m_router);
    add_openapi_route(m_router);
    m_http.start();
  }

  ~ServeServer() override { stop(); }

  [[nodiscard]] std::string url() const override { return m_url; }

  void refresh() override {
    m_stream.show(m_families);
    const pipeline::ConnectionState state = m_broker.state().connection;
    m_families.connected.set(state.connected ? 1 : 0);
    m_families.in_cooldown.set(state.in_cooldown ? 1 : 0);
    m_families.connect_retries.set(state.retry_count);
    m_seen_connection(m_kafka, state.connected);
  }

  void nudge_relay() override { m_relay.nudge(); }

  void reload() override { reload_tls(m_http); }

  void stop() override {
    m_http.stop();
    m_stream.stop();
    m_ingest.stop();
    m_broker.stop();
  }

 private:
  void note(const HttpRequest& request, const Route& route, int status) {
    m_requests.count(status);
    const bool refused = status == 401 || status == 403 || status == 429;
    if (route.audit == Audit::all || (route.audit == Audit::refused && refused))
      m_audit.note(request, status);
  }

  void check_topic(const TopicName& topic, const TopicVerdict& verdict) {
    if (m_broker.has_topic(topic)) return verdict(std::nullopt);
    if (!m_pool.try_run([this, topic, verdict] { verdict(m_broker.look_for(topic)); }))
      verdict(Error(ErrorCode::unreachable, "too many requests wait for the broker"));
  }

  [[nodiscard]] AccessRules rules(const LiveServerOptions& options) {
    AccessRules rules = rules_of(options);
    if (rules.open_writes) rules.open_writes_now = [this] { return !m_accounts.guards_writes(); };
    return rules;
  }

  [[nodiscard]] std::string missing() const {
    const BrokerState state = m_broker.state();
    if (!state.connection.connected) return "the broker is not connected";
    const auto& missing = state.missing_topics;
    const bool lacks_ingest = std::find(missing.begin(), missing.end(), m_ingest_topic) != missing.end();
    return lacks_ingest ? fmt::format("topic {} is not there", m_ingest_topic) : std::string();
  }

  metrics::Families& m_families;
  SeenConnection m_seen_connection;
  bool m_kafka;
  std::string m_ingest_topic;
  Router m_router;
  AccountDesk m_accounts;
  AuditTrail m_audit;
  AccessGuard m_guard;
  StreamDesk m_stream;
  PartitionCounts m_partitions;
  BrokerWatch m_broker;
  EventForms m_forms;
  Ingest m_ingest;
  pipeline::Relay m_relay;
  Management m_management;
  TaskPool m_pool;
  RateLimiter m_rates;
  RequestCounters m_requests;
  HttpServer m_http;
  std::string m_url;
};

}  // namespace
}  // namespace kbeat::server

extern "C" kbeat::server::LiveServer* kbeat_open_serve_server(const kbeat::server::ServeOptions& options,
                                                              const kbeat::server::ServeParts& parts) {
  return new kbeat::server::ServeServer(options, parts);
}
