// The live side of a server: the feed, its clients, and the route that they come in by.
#include "kbeat/server/stream_desk.hpp"

#include <fmt/format.h>

#include <utility>

#include "kbeat/base/escape.hpp"
#include "kbeat/server/subscription.hpp"

namespace kbeat::server {
namespace {

/// The subprotocol that we agree on: the first that carries no token, for a browser wants one of its own
/// back.
std::string subprotocol_of(const HttpRequest& request) {
  std::string_view list = request.header("sec-websocket-protocol");
  std::string_view with_token;
  while (!list.empty()) {
    std::string_view part = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), part.size() + 1));
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.starts_with("kbeat.token.")) {
      with_token = part;
    } else if (part == "kbeat") {
      return "kbeat";
    }
  }
  return std::string(with_token);
}

bool asks_for_events(const HttpRequest& request) {
  return lower_case(request.header("accept")).find("text/event-stream") != std::string::npos &&
         request.header("upgrade").empty();
}

}  // namespace

StreamDesk::StreamDesk(transport::Transport& transport, StreamOptions options,
                       metrics::MetricRegistry& metrics, Clock& clock, Router& router)
    : m_options(std::move(options)),
      m_clock(clock),
      m_delivered(metrics.counter("kbeat_stream_delivered_total", "Records that clients' sockets took.")),
      m_dropped(metrics.counter("kbeat_stream_dropped_total", "Records that a slow client did not get.")),
      m_closed_slow(metrics.counter("kbeat_stream_closed_slow_total", "Clients closed for being slow.")),
      m_malformed(metrics.counter("kbeat_stream_malformed_total", "Records skipped for not being JSON.")),
      m_feed(transport, m_hub, m_options.feed, clock),
      m_catch_ups(std::make_unique<CatchUps>(transport, m_hub, m_options.catch_up)) {
  for (const char* path : {"/api/v1/stream", "/stream"}) {
    router.add(
        {.method = "GET",
         .pattern = path,
         .needs = Role::read,
         .runs = Runs::quick,
         .summary = "records as they come, over a WebSocket or as server-sent events",
         .handler = [this](const HttpRequest& request, const Reply& reply) { serve(request, reply); }});
  }
}

StreamDesk::~StreamDesk() {
  stop();
}

void StreamDesk::stop() {
  m_catch_ups.reset();
  m_feed.stop();
}

void StreamDesk::serve(const HttpRequest& request, const Reply& reply) {
  LiveStart start;
  if (asks_for_events(request)) {
    start.form = LiveStart::Form::event_stream;
  } else if (auto refusal = refuse_handshake(request)) {
    return reply(std::move(*refusal));
  } else {
    start.subprotocol = subprotocol_of(request);
  }
  Subscription wanted;
  try {
    wanted = read_subscription(request, m_clock);
    check_places(wanted, m_options.feed.topics, m_hub.partitions());
  } catch (const Error& error) {
    if (start.form == LiveStart::Form::event_stream) throw;
    // A browser's script sees why a WebSocket was closed, but not what a refused handshake says.
    start.begin = [reason = std::string(error.what())](const std::shared_ptr<LiveClient>& client) {
      client->close(k_close_policy, reason);
    };
    return reply(std::move(start));
  }
  if (const auto topic = topic_not_served(wanted, m_options.feed.topics)) {
    return reply(problem(403, fmt::format("topics={}: this server does not stream that topic",
                                          escape_for_terminal(*topic, 80))));
  }
  start.begin = [this, wanted](const std::shared_ptr<LiveClient>& client) { begin(client, wanted); };
  reply(std::move(start));
}

void StreamDesk::begin(const std::shared_ptr<LiveClient>& client, const Subscription& wanted) {
  LiveLimits limits = m_options.limits;
  limits.text_keepalive = wanted.text_keepalive;
  client->set_limits(limits);
  const std::shared_ptr<Subscriber> subscriber = m_hub.join(client, wanted);
  subscriber->catching_up = !std::holds_alternative<std::monostate>(wanted.from);
  if (subscriber->catching_up && m_catch_ups) m_catch_ups->begin(subscriber);
}

void StreamDesk::show(metrics::Families& families) {
  const HubCounts counts = m_hub.counts();
  m_delivered.raise_to(counts.fan_out.delivered);
  m_dropped.raise_to(counts.fan_out.dropped);
  m_closed_slow.raise_to(counts.fan_out.closed_slow);
  m_malformed.raise_to(counts.malformed);
  families.stream_clients.set(static_cast<double>(m_hub.clients()));
  families.connected.set(connected() ? 1 : 0);
}

}  // namespace kbeat::server
