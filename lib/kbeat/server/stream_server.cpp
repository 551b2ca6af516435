// `stream --listen`: the live stream with its probes on one port.
#include "kbeat/server/server_kit.hpp"

#include "kbeat/server/probe_routes.hpp"

namespace kbeat::server {
namespace {

class StreamServer final : public LiveServer {
 public:
  StreamServer(const LiveServerOptions& options, const LiveServerParts& parts)
      : m_families(parts.metrics),
        m_guard(rules_of(options), fixed_token(options.access.api_token)),
        m_stream(parts.transport, options.stream, parts.metrics, parts.clock, m_router),
        m_pool(1, 16),
        m_requests(parts.metrics),
        m_http(options.http, {.router = m_router,
                              .guard = m_guard,
                              .pool = m_pool,
                              .limits = options.limits,
                              .on_response = [this](const HttpRequest&, const Route&,
                                                    int status) { m_requests.count(status); }}),
        m_url(url_of(options.http, m_http.port())) {
    add_probe_routes(m_router, {.missing = [this] { return missing(); },
                                .refresh = [this] { refresh(); },
                                .metrics = parts.metrics});
    m_http.start();
  }

  ~StreamServer() override { stop(); }

  [[nodiscard]] std::string url() const override { return m_url; }
  void refresh() override { m_stream.show(m_families); }
  void stop() override {
    m_http.stop();
    m_stream.stop();
  }

 private:
  [[nodiscard]] std::string missing() const {
    return m_stream.connected() ? std::string() : "the broker is not connected";
  }

  metrics::Families m_families;
  Router m_router;
  AccessGuard m_guard;
  StreamDesk m_stream;
  TaskPool m_pool;
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
