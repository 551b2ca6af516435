// Declares replay's flags and runs a source into a sink.
#include "cmd_replay.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "exit_code.hpp"
#include "filter_flags.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/replay/replayer.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "replay_handle.hpp"
#include "replay_plan.hpp"
#include "replay_setup.hpp"

namespace kbeat::app {
namespace {

void add_source_flags(CLI::App& app, ReplayFlags& flags) {
  constexpr const char* k_source = "What to replay";
  app.add_option("topic", flags.topics, "topics to read; ^ begins a pattern");
  add_list(app, "-t,--topic", flags.more_topics, "a topic to read")->type_name("TOPIC");
  app.add_option("--file", flags.file, "a file of envelopes (as consume -J prints them); - is standard input")
      ->type_name("FILE")
      ->group(k_source);
  app.add_flag("--archive", flags.archive, "the archived dead letters of this host")->group(k_source);
  app.add_option("--on-error", flags.on_error, "at a bad line of the file: stop, skip or dlq")
      ->check(CLI::IsMember({"stop", "skip", "dlq"}))
      ->capture_default_str()
      ->group(k_source);
  app.add_option("--dlq-topic", flags.dlq_topic, "where --on-error dlq puts bad lines")
      ->type_name("TOPIC")
      ->group(k_source);
  app.add_option("-p", flags.partitions, "only these partitions, such as 0,2-4")
      ->type_name("LIST")
      ->group(k_source);
  add_list(app, "-o,--offset", flags.offsets, "A:B, @T1:T2, N, -N, s@MS, e@MS; or P=WHERE for one partition")
      ->type_name("WHERE")
      ->group(k_source);
  app.add_option("--since", flags.since,
                 "only records stamped at or after a time, or within a span such as 2h")
      ->type_name("TIME")
      ->group(k_source);
  app.add_option("--until", flags.until, "only records stamped before a time")
      ->type_name("TIME")
      ->group(k_source);
  at_least(1, app.add_option("-c,--count", flags.count, "at most so many records"))
      ->type_name("N")
      ->group(k_source);
  app.add_option("--order", flags.order, "offset: partition after partition; time: merged by their stamps")
      ->check(CLI::IsMember({"offset", "time"}))
      ->capture_default_str()
      ->group(k_source);
  app.add_option("--on-gap", flags.on_gap, "when records of the range are gone: fail or skip")
      ->check(CLI::IsMember({"fail", "skip"}))
      ->capture_default_str()
      ->group(k_source);
  app.add_option("--plan-file", flags.plan_file,
                 "replay exactly the range in this file, which --dry-run --plan-file makes")
      ->type_name("FILE")
      ->group(k_source);
  add_filter_flags(app, flags.wanted);
}

void add_target_flags(CLI::App& app, ReplayFlags& flags) {
  constexpr const char* k_target = "Where to";
  app.add_option("--to", flags.to, "a topic; without it (and --handle) records are printed")
      ->type_name("TOPIC")
      ->group(k_target);
  app.add_option("--to-brokers", flags.to_brokers, "another cluster, HOST:PORT,...")
      ->type_name("LIST")
      ->group(k_target);
  app.add_option("--partition", flags.partition, "keep each record's, or hash its key")
      ->check(CLI::IsMember({"keep", "hash"}))
      ->capture_default_str()
      ->group(k_target);
  app.add_option("--ts", flags.stamp, "keep the stamps, or now")
      ->check(CLI::IsMember({"keep", "now"}))
      ->capture_default_str()
      ->group(k_target);
  app.add_flag("--handle", flags.handle, "through the handlers, into the store")->group(k_target);
  app.add_flag("--force", flags.force,
               "apply events again that were applied, replacing their rows; with --to: into its own source")
      ->group(k_target);
}

void add_replay_flags(CLI::App& app, ReplayFlags& flags) {
  add_source_flags(app, flags);
  add_target_flags(app, flags);
  app.add_option("--speed", flags.speed, "1x, 10x, 0.5x of the original clock, or max")
      ->type_name("SPEED")
      ->capture_default_str();
  add_rate(app, flags.per_second, "records");
  app.add_option("--resume", flags.resume, "a name: a replay of it that was ended goes on where it stopped")
      ->type_name("NAME");
  app.add_flag("--dry-run", flags.dry_run, "only count what would be replayed");
  add_output_flag(app, flags.output);
  add_print_flags(app, flags.form);
}

/// Records left to read, as far as the source knows.
std::uint64_t left_in(const replay::Cursor& cursor) {
  std::uint64_t left = 0;
  for (const replay::CursorPart& part : cursor) {
    if (part.end && *part.end > part.next)
      left += static_cast<std::uint64_t>(part.end->get() - part.next.get());
  }
  return left;
}

/// Draws now and then, on a terminal only.
class ReplayProgress {
 public:
  /// `to` is a topic; without one, records are printed.
  ReplayProgress(Context& context, const std::string& to, std::uint64_t total)
      : m_bar(context.io, context.clock, total, "records"),
        m_total(total),
        m_shown(total > 0 && (!to.empty() || !context.io.out_is_terminal())) {}
  void operator()(const replay::Cursor& cursor) {
    if (!m_shown || !m_bar.is_due()) return;
    const std::uint64_t left = left_in(cursor);
    m_bar.show(m_total - std::min(left, m_total));
  }

 private:
  Progress m_bar;
  std::uint64_t m_total;
  bool m_shown;
};

int conclude(const replay::ReplayResult& result, Context& context) {
  std::string line = fmt::format("{} records replayed", result.sent - std::min(result.failed, result.sent));
  if (result.before > 0) line += fmt::format(" ({} before)", result.before);
  if (result.passed_over > 0) line += fmt::format(", {} passed over", result.passed_over);
  context.notice(line);
  if (result.fault) throw Error(*result.fault);
  if (result.failed == 0) return result.passed_over > 0 ? k_exit_partly_done : k_exit_done;
  if (result.failed < result.sent) return k_exit_partly_done;
  throw Error(ErrorCode::undelivered, fmt::format("none of {} records was delivered", result.sent));
}

void keep_plan(ReplaySetup& setup, const replay::Cursor& begin, const ReplayFlags& flags) {
  const reading::ReadRange range = setup.range();
  write_plan(flags.plan_file, {.cluster = setup.cluster(),
                               .order = flags.order,
                               .since = range.since,
                               .until = range.until,
                               .count = flags.count,
                               .wanted = flags.wanted,
                               .parts = begin});
}

int show_plan(ReplaySetup& setup, const replay::Cursor& begin, const ReplayFlags& flags, Context& context) {
  Listing listing{{"topic", "partition", "begin", "end", "records", "target"}, {}};
  const auto counts = setup.count_records();
  const std::string target = flags.handle ? "handlers" : flags.to.empty() ? "stdout" : flags.to;
  for (const replay::CursorPart& part : begin) {
    const auto found = counts.find(part.partition);
    listing.rows.push_back({Cell(part.partition.topic.get()), Cell(part.partition.partition.get()),
                            Cell(part.next.get()), part.end ? Cell(part.end->get()) : Cell(),
                            Cell(static_cast<std::int64_t>(found == counts.end() ? 0 : found->second)),
                            Cell(target)});
  }
  print_listing(listing, output_form(flags.output, context.io), context.io.out());
  return k_exit_done;
}

}  // namespace

void add_replay(CommandLine& line) {
  auto flags = std::make_shared<ReplayFlags>();
  CLI::App& app = add_command(line, line.root(),
                              {"replay", "send records again: to a topic, through the handlers, to stdout",
                               "kbeat replay orders --since 2h --to orders-test --speed 10x\n"
                               "kbeat replay beats-events --since 1d --handle --force\n"
                               "kbeat replay --file saved.jsonl --to orders --resume monday"},
                              [flags](Context& context) { return run_replay(*flags, context); });
  add_replay_flags(app, *flags);
  add_metrics_flags(line, app, Lifetime::bounded);
}

int run_replay(const ReplayFlags& given, Context& context) {
  ReplayFlags flags = given;
  flags.topics.insert(flags.topics.end(), flags.more_topics.begin(), flags.more_topics.end());
  check_plan_flags(flags);
  if (!flags.plan_file.empty() && !flags.dry_run) flags = with_plan(flags, read_plan(flags.plan_file));
  check_replay_flags(flags, context);
  ReplaySetup setup(flags, context);
  replay::ReplaySource& source = setup.source();
  const replay::Cursor begin = source.cursor();
  if (flags.dry_run) {
    const int code = show_plan(setup, begin, flags, context);
    if (!flags.plan_file.empty()) keep_plan(setup, begin, flags);
    return code;
  }
  if (flags.handle) return run_replay_handle(flags, setup, context);
  replay::ReplayOptions options = setup.options();
  ReplayProgress progress(context, flags.to, left_in(begin));
  options.on_progress = [&](const replay::Cursor& cursor, std::uint64_t) { progress(cursor); };
  const replay::ReplayResult result = replay::replay(
      source, [&] { return setup.make_sink(); }, options, context.clock, context.stop());
  setup.finish();
  return conclude(result, context);
}

}  // namespace kbeat::app
