// `stream --listen`: the live stream with its probes on one port.
#include "kbeat/server/server_kit.hpp"

#include "kbeat/server/probe_routes.hpp"

namespace kbeat::server {
namespace {

class StreamServer final : public LiveServer {
 public:
  StreamServer(const LiveServerOptions& options, const LiveServerParts& parts)
      : m_families(parts.families),
        m_seen_connection(parts.seen_connection),
        m_needs_broker(parts.transport.kind() == transport::TransportKind::kafka),
        m_guard(rules_of(options), fixed_token(options.access.api_token)),
        m_stream(parts.transport, options.stream, m_families.registry, parts.clock, m_router),
        m_pool(1, 16),
        m_rates(options.max_rate),
        m_requests(m_families.registry),
        m_http(options.http, {.router = m_router,
                              .guard = m_guard,
                              .pool = m_pool,
                              .rates = m_rates,
                              .limits = options.limits,
                              .on_response = [this](const HttpRequest&, const Route&,
                                                    int status) { m_requests.count(status); }}),
        m_url(url_of(options.http, m_http.port())) {
    add_probe_routes(m_router, {.missing = [this] { return missing(); },
                                .refresh = [this] { refresh(); },
                                .metrics = m_families.registry});
    m_http.start();
  }

  ~StreamServer() override { stop(); }

  [[nodiscard]] std::string url() const override { return m_url; }
  void refresh() override {
    m_stream.show(m_families);
    if (m_seen_connection) m_seen_connection(m_needs_broker, m_stream.connected());
  }
  void reload() override { reload_tls(m_http); }

  void stop() override {
    m_http.stop();
    m_stream.stop();
  }

 private:
  [[nodiscard]] std::string missing() const {
    return m_stream.connected() ? std::string() : "the broker is not connected";
  }

  metrics::Families& m_families;
  SeenConnection m_seen_connection;
  bool m_needs_broker;
  Router m_router;
  AccessGuard m_guard;
  StreamDesk m_stream;
  TaskPool m_pool;
  RateLimiter m_rates;
  RequestCounters m_requests;
  HttpServer m_http;
  std::string m_url;
};

}  // namespace
}  // namespace kbeat::server

extern "C" kbeat::server::LiveServer* kbeat_open_stream_server(
    const kbeat::server::LiveServerOptions& options, const kbeat::server::LiveServerParts& parts) {
  return new kbeat::server::StreamServer(options, parts);
}
