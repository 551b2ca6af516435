// Wires transport, handlers, metrics and consumers to the server.
#include "cmd_serve.hpp"

#include <CLI/CLI.hpp>

#include "exit_code.hpp"
#include "handler_kit.hpp"
#include "health_look.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/scratch_folder.hpp"
#include "kbeat/server/serve_server.hpp"
#include "kbeat/store/accounts.hpp"
#include "serve_crew.hpp"
#include "span_flag.hpp"
#include "trial_child.hpp"
#include "watch_kit.hpp"

namespace kbeat::app {
namespace {

constexpr const char* k_events = "Events";

server::ServeOptions serve_options(const ServeFlags& flags, const Context& context) {
  const config::Settings& settings = context.settings();
  server::ServeOptions options;
  options.live = listen_options(flags.listen, context);
  options.data_dir = settings.transport.data_dir;
  options.kafka = settings.transport.choice == config::TransportChoice::kafka;
  options.ingest_topic = flags.ingest_topic;
  if (options.ingest_topic.empty())
    options.ingest_topic = settings.consume.topic.empty() ? "quiz-events" : settings.consume.topic;
  check_topic_name(options.ingest_topic);
  options.group = settings.consume.group;
  options.make_topics = !flags.crew.no_create;
  options.kafka_wait = span_of("--kafka-wait", flags.kafka_wait);
  options.outbox_max_bytes = flags.outbox_max_bytes;
  options.connect = settings.connect;
  options.alert_limits = settings.alerts;
  server::FeedOptions& feed = options.live.stream.feed;
  feed.client_id = options.live.stream.catch_up.client_id = "kbeat-serve";
  feed.topics = flags.topics;
  if (feed.topics.empty()) feed.topics = {options.ingest_topic};
  for (const std::string& topic : feed.topics) check_topic_name(topic);
  return options;
}

/// Whether anybody could write with a token.
bool has_accounts(const server::ServeOptions& options) {
  return !options.live.access.api_token.empty() || !store::open_accounts(options.data_dir)->all().empty();
}

}  // namespace

void add_serve(CommandLine& line) {
  auto flags = std::make_shared<ServeFlags>();
  flags->listen.listen = "127.0.0.1:8000";
  CLI::App& app =
      add_command(line, line.root(),
                  {"serve", "take events over HTTP, stream them live, show and manage everything",
                   "kbeat serve                              # on 127.0.0.1:8000, no broker needed\n"
                   "kbeat serve -b broker:9092 --consume quiz-events beats-events\n"
                   "curl -d @event.json -H 'Content-Type: application/json' localhost:8000/api/events"},
                  [flags](Context& context) { return run_serve(*flags, context); });
  app.add_option("--listen", flags->listen.listen, "HOST:PORT")->type_name("ADDRESS")->capture_default_str();
  app.add_option("--stream", flags->topics, "topics that clients can stream (default: that of the events)")
      ->type_name("TOPIC")
      ->group(k_events);
  app.add_option("--ingest-topic", flags->ingest_topic,
                 "where POST /api/events goes (default: KAFKA_TOPIC, else "
                 "quiz-events)")
      ->type_name("TOPIC")
      ->group(k_events);
  app.add_option("--kafka-wait", flags->kafka_wait,
                 "how long an event waits for Kafka before it goes to the store")
      ->type_name("SPAN")
      ->group(k_events)
      ->capture_default_str();
  at_least(0,
           app.add_option("--outbox-max-bytes", flags->outbox_max_bytes,
                          "how much may wait for Kafka in the store; what comes then is answered 503 (0: no "
                          "limit)"))
      ->type_name("N")
      ->group(k_events)
      ->capture_default_str();
  app.add_flag("--no-create", flags->crew.no_create, "make no topics that are missing")->group(k_events);
  add_crew_flags(line, app, flags->crew);
  add_listen_flags(app, flags->listen);
  add_metrics_flags(line, app, Lifetime::long_lived);
}

int run_serve(const ServeFlags& flags, Context& context) {
  check_crew_flags(flags.crew);
  if (context.trial) return run_crew_trial(flags.crew, context);
  const server::ServeOptions options = serve_options(flags, context);
  const bool guarded = has_accounts(options);
  server::check_exposure(options.live, guarded);
  remove_orphaned_scratch(context.settings().transport.data_dir);
  WatchKit watchers(context, options.group, Lifetime::long_lived);
  std::vector<std::string> topics = options.live.stream.feed.topics;
  topics.push_back(options.ingest_topic);
  check_topics(watchers.transport(), topics,
               options.make_topics ? pipeline::MakeTopics::yes : pipeline::MakeTopics::no);
  // Only what is built in looks at events on their way in: programs of one's own run in consumers.
  const HandlerKit kit(context, {});
  ServeCrew crew(flags.crew, context, watchers);
  upkeep::Monitor& monitor = watchers.monitor();
  const auto server = server::open_serve_server(
      options,
      {.transport = watchers.transport(),
       .stream_transport = watchers.uncounted_transport(),
       .registry = kit.registry(),
       .families = watchers.families(),
       .clock = context.clock,
       .parts = [&crew] { return crew.states(); },
       .alerts = [&monitor] { return monitor.active(); },
       .seen_connection = [&monitor](bool needed,
                                     bool connected) { monitor.seen_connection(needed, connected); },
       .deep_health = [&] { return look(context, &watchers.transport(), upkeep::HealthDepth::deep); }});
  crew.start([&server] { server->nudge_relay(); });
  if (!guarded) context.notice("anybody on this machine may write: kbeat users add asks for a login instead");
  run_until_stopped(*server, context, [&crew] { crew.request_stop(); });
  crew.stop();
  watchers.finish();
  return k_exit_done;
}

}  // namespace kbeat::app
