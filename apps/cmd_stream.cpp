// Wires stream's flags to the printing loop, or to the server.
#include "cmd_stream.hpp"

#include <CLI/CLI.hpp>

#include "filter_flags.hpp"
#include "kbeat/base/error.hpp"
#include "stream_listen.hpp"
#include "watch_kit.hpp"

namespace kbeat::app {
namespace {

std::vector<std::string> topics_of(const StreamOptions& options, const std::string& default_topic) {
  std::vector<std::string> topics = options.topics;
  topics.insert(topics.end(), options.more_topics.begin(), options.more_topics.end());
  if (topics.empty() && !default_topic.empty()) topics.push_back(default_topic);
  if (topics.empty())
    throw Error(ErrorCode::usage, "stream needs a topic, or KAFKA_TOPIC (see kbeat stream --help)");
  for (const std::string& topic : topics) {
    if (!topic.starts_with('^')) check_topic_name(topic);
  }
  return topics;
}

/// What bounds or shapes printed records says nothing to a server, whose clients choose for themselves.
void check_listening(const StreamOptions& options) {
  const PrintLimits& limits = options.limits;
  const PrintOptions& form = options.form;
  const bool placed = !limits.since.empty() || !limits.until.empty() || limits.tail ||
                      limits.order != "offset" || limits.follow;
  const bool ends = limits.count || limits.exit_at_end || !limits.idle_exit.empty() ||
                    !limits.max_time.empty() || limits.connect_attempts > 0 || limits.on_gap != "fail";
  const bool shaped = form.envelopes || form.json_values || !form.format.empty() ||
                      !form.key_delimiter.empty() || form.delimiter || form.show_null || form.decode;
  const bool prints = placed || ends || shaped || !limits.partitions.empty() || !options.group.empty() ||
                      !options.wanted.everything();
  if (!prints) return;
  throw Error(ErrorCode::usage,
              "--listen serves clients that choose for themselves (where=, envelope=1, from=): the flags of "
              "printing, -G and the filters do not go with it");
}

}  // namespace

void add_stream(CommandLine& line) {
  auto options = std::make_shared<StreamOptions>();
  CLI::App& app = add_command(line, line.root(),
                              {"stream", "print records as they come",
                               "kbeat stream orders                    # values from now on\n"
                               "kbeat stream orders -o beginning -e -J  # all there is, as envelopes\n"
                               "kbeat stream orders --tail 5 -f '%t/%p/%o %T{iso} %k: %s\\n'\n"
                               "kbeat stream orders --since 2h --order time   # partitions merged by time\n"
                               "kbeat stream orders --listen :8000      # to WebSocket and SSE clients"},
                              [options](Context& context) { return run_stream(*options, context); });
  app.add_option("topic", options->topics, "topics (default: KAFKA_TOPIC); ^ begins a pattern");
  add_list(app, "-t,--topic", options->more_topics, "another topic")->type_name("TOPIC");
  app.add_option("-G,-g,--group", options->group, "share the partitions and remember the positions")
      ->type_name("GROUP");
  add_limit_flags(app, options->limits);
  add_selection_flags(app, options->limits);
  add_print_flags(app, options->form);
  add_filter_flags(app, options->wanted);
  CLI::Option* const listen =
      app.add_option("--listen", options->listen.listen, "serve clients at HOST:PORT instead of printing")
          ->type_name("ADDRESS");
  add_listen_flags(app, options->listen);
  for (CLI::Option* const option : app.get_options([](const CLI::Option* each) {
         return each->get_group() == k_server_flags || each->get_group() == k_client_flags;
       }))
    option->needs(listen);
  add_metrics_flags(line, app, Lifetime::long_lived);
}

int run_stream(const StreamOptions& options, Context& context) {
  if (!options.listen.listen.empty()) {
    check_listening(options);
    for (const std::string& topic : topics_of(options, context.settings().consume.topic))
      check_topic_name(topic);
    return run_stream_listen(options.listen, topics_of(options, context.settings().consume.topic),
                             options.limits.offsets, context);
  }
  PrintPlan plan;
  plan.topics = topics_of(options, context.settings().consume.topic);
  plan.form = options.form;
  plan.wanted = options.wanted;
  if (!options.group.empty()) plan.group = GroupId{options.group};
  const bool from_start = context.settings().consume.offset_reset == "earliest";
  using reading::BoundKind;
  const bool whole = from_start || options.limits.order == "time";
  apply_limits(options.limits, {whole ? BoundKind::earliest : BoundKind::latest, 0}, context.clock.now(),
               plan);
  check_plan(plan, context);
  WatchKit watchers(context, options.group, Lifetime::bounded);
  const int code = RecordPrinting(plan, watchers.transport(), context).run();
  watchers.finish();
  return code;
}

}  // namespace kbeat::app
