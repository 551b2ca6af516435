// Flags of the commands that listen for clients, and what they make of a server.
#include "listen_flags.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>

#include "hangup.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/base/service_notifier.hpp"
#include "kbeat/transport/topic_table.hpp"
#include "span_flag.hpp"

namespace kbeat::app {
void add_listen_flags(CLI::App& app, ListenFlags& flags) {
  app.add_option("--tls-cert", flags.tls_certificate, "certificate chain (PEM): everything is TLS then")
      ->type_name("FILE")
      ->group(k_server_flags);
  app.add_option("--tls-key", flags.tls_key, "its private key (PEM)")
      ->type_name("FILE")
      ->group(k_server_flags);
  add_list(app, "--allow-origin", flags.origins, "pages of this origin may ask, such as https://a.example")
      ->type_name("ORIGIN")
      ->group(k_server_flags);
  add_list(app, "--allow-host", flags.hosts, "a name that the server goes by besides localhost")
      ->type_name("NAME")
      ->group(k_server_flags);
  app.add_flag("--insecure", flags.insecure, "an address that others reach needs neither TLS nor token")
      ->group(k_server_flags);
  app.add_option("--max-clients", flags.max_clients, "most connections at a time")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000))
      ->group(k_server_flags)
      ->capture_default_str();
  app.add_option("--max-per-address", flags.max_clients_of_address,
                 "most connections from one address (default: no limit)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000))
      ->group(k_server_flags);
  app.add_option("--max-rate", flags.max_rate,
                 "most writing requests a second from one address; more are answered 429 (default: no limit)")
      ->type_name("N")
      ->check(CLI::Range(0.01, 1e6))
      ->group(k_server_flags);
  app.add_option("--request-timeout", flags.request_timeout,
                 "how long the header of a request may take to come")
      ->type_name("SPAN")
      ->group(k_server_flags)
      ->capture_default_str();
  app.add_option("--body-timeout", flags.body_timeout, "how long its body may take")
      ->type_name("SPAN")
      ->group(k_server_flags)
      ->capture_default_str();
  app.add_option("--slow", flags.slow, "a client whose queue is full: drop or close")
      ->check(CLI::IsMember({"drop", "close"}))
      ->group(k_client_flags)
      ->capture_default_str();
  app.add_option("--queue", flags.queue, "records that may wait for one client")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000))
      ->group(k_client_flags)
      ->capture_default_str();
  app.add_option("--keepalive", flags.keepalive, "a sign of life after so long a silence")
      ->type_name("SPAN")
      ->group(k_client_flags)
      ->capture_default_str();
}

server::LiveServerOptions listen_options(const ListenFlags& flags, const Context& context) {
  server::LiveServerOptions options;
  server::parse_listen(flags.listen, options.http);
  if (flags.tls_certificate.empty() != flags.tls_key.empty())
    throw Error(ErrorCode::usage, "--tls-cert and --tls-key go together");
  options.http.tls_certificate = flags.tls_certificate;
  options.http.tls_key = flags.tls_key;
  options.limits.connections = flags.max_clients;
  options.limits.connections_of_address = flags.max_clients_of_address;
  options.max_rate = flags.max_rate;
  options.limits.header_time = span_of("--request-timeout", flags.request_timeout);
  options.limits.body_time = span_of("--body-timeout", flags.body_timeout);
  options.access = {.api_token = context.settings().api_token,
                    .hosts = flags.hosts,
                    .origins = flags.origins,
                    .insecure = flags.insecure};
  server::LiveLimits& limits = options.stream.limits;
  limits.slow = flags.slow == "close" ? server::SlowPolicy::close : server::SlowPolicy::drop;
  limits.frames = flags.queue;
  limits.keepalive = span_of("--keepalive", flags.keepalive);
  if (limits.keepalive < Milliseconds{100})
    throw Error(ErrorCode::usage, "--keepalive must be 100ms or more");
  return options;
}

void check_topics(transport::Transport& transport, const std::vector<std::string>& topics,
                  pipeline::MakeTopics make) {
  constexpr Milliseconds k_patience{2000};
  try {
    pipeline::ensure_topics(transport, topics, make, k_patience);
    if (make == pipeline::MakeTopics::no || transport.kind() == transport::TransportKind::kafka) return;
    for (const std::string& topic : topics)
      pipeline::make_topic(transport, transport::default_spec(TopicName{topic}), k_patience);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::not_found) throw;
    log_warning("{}", error.what());
  }
}

void run_until_stopped(server::LiveServer& server, const Context& context,
                       const std::function<void()>& on_stop) {
  // Before anybody is told: without it a SIGHUP that follows at once would end the server.
  const RereadOnHangup on_hangup(context, [&server] { server.reload(); });
  context.notice(fmt::format("listening on {}", server.url()));
  const ServiceNotifier service;
  service.ready();
  service.status(fmt::format("listening on {}", server.url()));
  constexpr Milliseconds k_second{1000};
  const Milliseconds pause = std::min(k_second, service.watchdog_period().value_or(k_second) / 2);
  while (context.clock.wait(pause, context.stop()) == Waited::elapsed) {
    server.refresh();
    service.alive();
  }
  service.stopping();
  if (on_stop) on_stop();
  server.stop();
}

}  // namespace kbeat::app
