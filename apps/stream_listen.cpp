// Wires topics, metrics and a server together for `stream --listen`.
#include "stream_listen.hpp"

#include <optional>

#include "exit_code.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/reading/range_parser.hpp"
#include "watch_kit.hpp"

namespace kbeat::app {
namespace {

server::FeedStart feed_start(const std::vector<std::string>& offsets, const Context& context) {
  if (offsets.empty()) {
    const bool earliest = context.settings().consume.offset_reset == "earliest";
    return earliest ? server::FeedStart::earliest : server::FeedStart::latest;
  }
  using reading::Bound;
  using reading::BoundKind;
  const reading::ReadRange range = reading::parse_range({offsets, {}, {}}, context.clock.now());
  const bool everywhere = range.of_partition.empty() && !range.since && !range.until && !range.everywhere.end;
  const std::optional<Bound> begin = everywhere ? range.everywhere.begin : std::nullopt;
  if (begin == Bound{BoundKind::earliest, 0}) return server::FeedStart::earliest;
  if (begin == Bound{BoundKind::latest, 0}) return server::FeedStart::latest;
  throw Error(ErrorCode::usage,
              "with --listen, -o is beginning or end: each client says itself where it resumes");
}

}  // namespace

int run_stream_listen(const ListenFlags& flags, const std::vector<std::string>& topics,
                      const std::vector<std::string>& offsets, Context& context) {
  server::LiveServerOptions options = listen_options(flags, context);
  options.stream.feed.topics = topics;
  options.stream.feed.start = feed_start(offsets, context);
  server::check_exposure(options, !options.access.api_token.empty());
  WatchKit watchers(context, {}, Lifetime::long_lived);
  const bool embedded = watchers.transport().kind() != transport::TransportKind::kafka;
  check_topics(watchers.transport(), topics, embedded ? pipeline::MakeTopics::yes : pipeline::MakeTopics::no);
  upkeep::Monitor& monitor = watchers.monitor();
  const auto server =
      server::open_stream_server(options, {.transport = watchers.transport(),
                                           .families = watchers.families(),
                                           .clock = context.clock,
                                           .seen_connection = [&monitor](bool needed, bool connected) {
                                             monitor.seen_connection(needed, connected);
                                           }});
  run_until_stopped(*server, context);
  watchers.finish();
  return k_exit_done;
}

}  // namespace kbeat::app
