// Flags of consume, and the loop wired to transport, store and handlers.
#include "cmd_consume.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>

#include "auto_retries.hpp"
#include "consume_flags.hpp"
#include "consume_print.hpp"
#include "exit_code.hpp"
#include "filter_flags.hpp"
#include "handler_kit.hpp"
#include "hangup.hpp"
#include "kbeat/base/scratch_folder.hpp"
#include "kbeat/pipeline/consume_loop.hpp"
#include "kbeat/pipeline/letter_keeper.hpp"
#include "kbeat/pipeline/result_writer.hpp"
#include "kbeat/store/store.hpp"
#include "trial_child.hpp"
#include "watch_kit.hpp"

namespace kbeat::app {
namespace {

constexpr const char* k_work = "Work";
constexpr const char* k_failures = "Failures";

void add_what_to_read(CommandLine& line, CLI::App& app, ConsumeFlags& flags) {
  app.add_option("topic", flags.topics,
                 "topics (default: KAFKA_TOPIC, else beats-events); ^ begins a pattern");
  add_list(app, "-t,--topic", flags.more_topics, "one more topic")->type_name("TOPIC");
  add_setting(line, app, "-G,-g,--group", "kafka.group", "consumer group")->type_name("GROUP");
  add_limit_flags(app, flags.limits);
}

void add_work(CommandLine& line, CLI::App& app, ConsumeFlags& flags) {
  app.add_option("--as", flags.as_topic, "handle the events as if they came from this topic")
      ->type_name("TOPIC")
      ->group(k_work);
  app.add_option("-j,--workers", flags.workers, "events handled at once, in order per key")
      ->check(CLI::Range(1, 256))
      ->group(k_work)
      ->capture_default_str();
  add_setting(line, app, "--batch-size", "batch.size", "events a transaction")->type_name("N")->group(k_work);
  add_setting(line, app, "--batch-timeout", "batch.timeout", "longest wait of a finished event")
      ->type_name("SPAN")
      ->group(k_work);
  add_setting(line, app, "--max-ahead", "batch.max_ahead", "events read beyond the lowest unfinished one")
      ->type_name("N")
      ->group(k_work);
  app.add_option("--handler-timeout", flags.handler_timeout, "time for one try of an event")
      ->type_name("SPAN")
      ->group(k_work)
      ->capture_default_str();
  add_setting_flag(line, app, "--allow-private-addresses", "fetch.allow_private_addresses", "true",
                   "fetch audio from private and loopback addresses too")
      ->group(k_work);
  add_setting_flag(line, app, "--allow-file-urls", "fetch.allow_file_urls", "true",
                   "fetch audio from file: URLs too")
      ->group(k_work);
}

void add_failures(CommandLine& line, CLI::App& app, ConsumeFlags& flags) {
  add_setting(line, app, "--retry", "retry.strategy", "exponential, fixed, linear or none")
      ->type_name("KIND")
      ->group(k_failures);
  add_setting(line, app, "--max-retries", "retry.max_retries", "tries after the first")
      ->type_name("N")
      ->group(k_failures);
  add_setting(line, app, "--retry-delay", "retry.delay", "first wait between tries")
      ->type_name("SPAN")
      ->group(k_failures);
  add_setting(line, app, "--retry-max", "retry.cap", "longest wait between tries")
      ->type_name("SPAN")
      ->group(k_failures);
  add_setting(line, app, "--retry-burst", "retry.burst",
              "tries again that run at a time, however many are due")
      ->type_name("N")
      ->group(k_failures);
  add_setting(line, app, "--retry-order", "retry.order",
              "key: later events of a key wait behind one that waits; none: they go on without it")
      ->type_name("WHAT")
      ->group(k_failures);
  add_setting(line, app, "--breaker", "retry.breaker",
              "failures of a dependency in a row that make its handler pause; 0: never")
      ->type_name("N")
      ->group(k_failures);
  add_setting(line, app, "--jitter", "retry.jitter", "share by which a wait may differ, 0 to 1")
      ->type_name("SHARE")
      ->group(k_failures);
  app.add_option("--dlq-topic", flags.dlq_topic, "where dead letters go")
      ->type_name("TOPIC")
      ->group(k_failures);
  app.add_option("--dlq-format", flags.dlq_format, "kbeat, raw, connect or spring")
      ->group(k_failures)
      ->capture_default_str();
  app.add_option("--drain-timeout", flags.drain_timeout, "how long a stop waits for running work")
      ->type_name("SPAN")
      ->group(k_failures)
      ->capture_default_str();
  app.add_option("--dlq-retention", flags.dlq_retention,
                 "how long a dead letter topic that is made keeps letters (default: no limit)")
      ->type_name("SPAN")
      ->group(k_failures);
  app.add_flag("--auto-retry", flags.auto_retry,
               "retry dead letters of passing failures by itself, then archive them")
      ->group(k_failures);
  app.add_flag("--no-dlq", flags.no_dlq, "stop at the first event that fails for good")->group(k_failures);
  app.add_flag("--no-create", flags.no_create, "make no topics that are missing")->group(k_failures);
  app.add_flag("--strict", flags.strict, "events of unknown types and topics fail")->group(k_failures);
}

/// The flags of these groups that were given, by their longest names.
std::vector<std::string> given_flags(const CLI::App& app, std::initializer_list<std::string_view> groups) {
  std::vector<std::string> given;
  for (const CLI::Option* option : app.get_options()) {
    const bool in_group = std::find(groups.begin(), groups.end(), option->get_group()) != groups.end();
    if (in_group && option->count() > 0) given.push_back(option->get_name());
  }
  return given;
}

void report(const pipeline::ConsumeCounts& counts, const Context& context) {
  const std::uint64_t settled = counts.settled();
  std::string line =
      fmt::format("{} events: {} done, {} dead-lettered", settled, counts.done, counts.dead_letters);
  const auto add = [&line](std::uint64_t count, const char* what) {
    if (count > 0) line += fmt::format(", {} {}", count, what);
  };
  add(counts.duplicates, "duplicates suppressed");
  add(counts.superseded, "superseded");
  add(counts.unhandled, "unhandled");
  add(counts.skipped, "skipped");
  add(counts.retries, "retries");
  add(counts.fenced, "left to their new owner");
  add(counts.read - std::min(counts.read, settled + counts.fenced), "more read ahead and given back");
  context.notice(line);
}

int exit_code_of(const pipeline::ConsumeResult& result, const pipeline::ConsumeOptions& options,
                 const Context& context) {
  if (result.end == pipeline::ConsumeEnd::out_of_time) return k_exit_time_limit;
  if (result.end == pipeline::ConsumeEnd::stopped && options.bounded()) {
    return exit_code(ErrorCode::interrupted, context.shutdown.signal());
  }
  return k_exit_done;
}

}  // namespace

void add_consume(CommandLine& line) {
  auto flags = std::make_shared<ConsumeFlags>();
  CLI::App& app =
      add_command(line, line.root(),
                  {"consume", "handle events: effects into the store, failures into the dead letters",
                   "kbeat consume beats-events                      # for ever, reconnecting\n"
                   "kbeat consume beats-events -e | jq .outcome     # up to the end, then exit\n"
                   "kbeat consume my-quiz --as quiz-events -j 2\n"
                   "kbeat consume orders --exec ./on-order          # a program of one's own"},
                  [flags](Context& context) { return run_consume(*flags, context); });
  app.parse_complete_callback([flags, &app] {
    flags->handler_flags = given_flags(app, {k_work, k_failures, k_own_handlers});
    flags->print_flags = given_flags(app, {"Printing", "Filters"});
    // Only a printed record has a form, so that naming one says it all.
    flags->print = flags->print || flags->form.envelopes || !flags->form.format.empty();
  });
  add_what_to_read(line, app, *flags);
  add_setting(line, app, "--connect-backoff", "connect.backoff",
              "fixed or exponential waits between attempts")
      ->type_name("KIND");
  add_work(line, app, *flags);
  add_route_flags(app, flags->routes);
  add_failures(line, app, *flags);
  add_metrics_flags(line, app, Lifetime::long_lived);
  app.add_flag("--print", flags->print,
               "only print records, as -J and -f do: no handlers, nothing committed without -G");
  add_selection_flags(app, flags->limits);
  add_print_flags(app, flags->form);
  add_filter_flags(app, flags->wanted);
}

int run_consume(const ConsumeFlags& flags, Context& context) {
  check_print_flags(flags);
  if (flags.print) return run_consume_print(flags, context);
  if (context.settings().consume.auto_commit) {
    context.notice(
        "warning: KAFKA_CONSUMER_ENABLE_AUTO_COMMIT counts only with --print: positions follow the store");
  }
  const pipeline::ConsumeOptions options = consume_options(flags, context);
  const HandlerKit kit(context, all_routes(flags.routes, context.settings()));
  if (context.trial) return run_trial(kit.registry(), options.runner, context);
  WatchKit watchers(context, options.group.get(),
                    options.bounded() ? Lifetime::bounded : Lifetime::long_lived);
  const std::filesystem::path data_dir = options.data_dir;
  remove_orphaned_scratch(data_dir);
  const auto open_store = [data_dir] { return store::open_store(data_dir, store::OpenMode::read_write); };
  pipeline::ResultWriter results(STDOUT_FILENO);
  const auto trial = open_trial();
  const pipeline::ConsumeParts parts{watchers.transport(), open_store,       kit.registry(), results,
                                     context.clock,        watchers.watch(), trial.get()};
  const auto retries = flags.auto_retry ? start_auto_retries(watchers.transport(), options, context)
                                        : std::vector<std::unique_ptr<dlq::AutoRetry>>();
  std::optional<pipeline::LetterKeeping> keeping;
  if (!options.bounded())
    keeping.emplace(watchers.transport(), open_store,
                    pipeline::LetterKeeperOptions{.timeout = options.timeout}, context.clock);
  std::optional<RereadOnHangup> on_hangup;
  if (!options.bounded()) on_hangup.emplace(context);
  const pipeline::ConsumeResult result = pipeline::ConsumeLoop(parts, options).run(context.stop());
  results.finish();
  watchers.finish();
  report(result.counts, context);
  return exit_code_of(result, options, context);
}

}  // namespace kbeat::app
