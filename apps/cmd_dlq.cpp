// Declares the flags of the dlq commands.
#include "cmd_dlq.hpp"

#include <CLI/CLI.hpp>

#include "dlq_watch.hpp"
#include "filter_flags.hpp"
#include "output.hpp"
#include "watch_kit.hpp"

namespace kbeat::app {
namespace {

constexpr const char* k_which = "Which letters";

void add_topic_flag(CLI::App& app, std::string& topic) {
  app.add_option("--dlq-topic", topic, "the topic of dead letters (default: those of the house)")
      ->type_name("TOPIC");
}

/// `least` is the smallest number that -c may have.
void add_letter_flags(CLI::App& app, LetterFlags& flags, int least) {
  app.add_option("id", flags.ids,
                 "letters by id (topic/partition/offset of the failed record, or the whole id)");
  add_topic_flag(app, flags.dlq_topic);
  app.add_option(
         "--category", flags.category,
         "only deserialization, schema, processing, timeout, dependency or crash; foreign or damaged: "
         "those without a category")
      ->type_name("NAME")
      ->group(k_which);
  app.add_option("--error", flags.error, "only errors that match")->type_name("REGEX")->group(k_which);
  app.add_option("--since", flags.since, "written at or after: RFC 3339, a date, or a span such as 2h")
      ->type_name("WHEN")
      ->group(k_which);
  app.add_option("--until", flags.until, "written before")->type_name("WHEN")->group(k_which);
  add_filter_flags(app, flags.wanted);
  at_least(least, app.add_option("-c", flags.count, "at most so many"))->type_name("N")->group(k_which);
  app.add_option("--origin-header", flags.origin_header,
                 "the header that names the origin topic, for letters of other programs")
      ->type_name("NAME")
      ->group(k_which);
}

void add_state_flag(CLI::App& app, LetterFlags& flags, const char* help) {
  app.add_option("--state", flags.state, help)->type_name("STATE")->group(k_which);
}

void add_decide_flags(CommandLine& line, CLI::App& app, DlqDecideFlags& flags) {
  add_letter_flags(app, flags.letters, 1);
  app.add_flag("--all", flags.all, "every open letter");
  add_rate(app, flags.per_second, "letters");
  app.add_flag("--dry-run", flags.dry_run, "print what would be done: letters by state, target and error");
  add_output_flag(app, flags.output);
  app.add_flag("--yes", flags.yes, "do not ask");
  add_metrics_flags(line, app, Lifetime::bounded);
}

void add_retry(CommandLine& line, CLI::App& group) {
  auto flags = std::make_shared<DlqRetryFlags>();
  CLI::App& app = add_command(line, group,
                              {"retry", "send dead letters back, each exactly once",
                               "kbeat dlq retry --all --dry-run\n"
                               "kbeat dlq retry beats-events/0/41 --yes\n"
                               "kbeat dlq retry beats-events/0/41 --here      # handled by this process\n"
                               "kbeat dlq retry --category schema --patch '{\"userId\":\"unknown\"}' --yes"},
                              [flags](Context& context) { return run_dlq_retry(*flags, context); });
  add_decide_flags(line, app, flags->decide);
  add_state_flag(app, flags->decide.letters, "open, or archived for letters named by id");
  app.add_option("--to", flags->to, "to this topic, not to where each came from")->type_name("TOPIC");
  app.add_option("--to-brokers", flags->to_brokers, "to another cluster, HOST:PORT,... (at least once)")
      ->type_name("LIST");
  app.add_flag("--here", flags->here, "through the handlers of this process instead (at least once)");
  app.add_option("--max-replays", flags->max_replays, "archive letters that were retried so often")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_flag("--edit", flags->edit, "change each value in $VISUAL or $EDITOR first");
  app.add_option("--patch", flags->patch, "change each value by a JSON merge patch (RFC 7396)")
      ->type_name("JSON");
}

void add_closing(CommandLine& line, CLI::App& group, const CommandText& text,
                 int (*run)(const DlqDecideFlags&, Context&)) {
  auto flags = std::make_shared<DlqDecideFlags>();
  CLI::App& app =
      add_command(line, group, text, [flags, run](Context& context) { return run(*flags, context); });
  add_decide_flags(line, app, *flags);
  app.add_option("--reason", flags->reason, "why, for whoever looks later")->type_name("TEXT");
}

void add_watch(CommandLine& line, CLI::App& group) {
  auto flags = std::make_shared<DlqWatchFlags>();
  CLI::App& app = add_command(line, group,
                              {"watch", "tell when dead letters come",
                               "kbeat dlq watch --exit-on-growth          # ends with 1 at the first\n"
                               "kbeat dlq watch --above 100 --exec ./page-me"},
                              [flags](Context& context) { return run_dlq_watch(*flags, context); });
  add_topic_flag(app, flags->dlq_topic);
  app.add_option("--interval", flags->interval, "how often to look")
      ->type_name("SPAN")
      ->capture_default_str();
  at_least(0, app.add_option("--above", flags->above, "it is growth only when more than so many are open"))
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--exit-on-growth", flags->exit_on_growth, "end with 1 when there is growth");
  app.add_option("--exec", flags->program, "run this program at each growth, its line on stdin")
      ->type_name("FILE");
  app.add_option("--max-time", flags->max_time, "end after so long (exit 0 when nothing grew)")
      ->type_name("SPAN");
}

}  // namespace

void add_dlq(CommandLine& line) {
  CLI::App& group = add_command_group(
      line.root(), {"dlq", "see dead letters and send them back",
                    "kbeat dlq inspect                          # what failed, and why\n"
                    "kbeat dlq inspect --patterns               # the kinds of errors\n"
                    "kbeat dlq retry --category timeout --yes   # back to where they came from"});
  auto inspect = std::make_shared<DlqInspectFlags>();
  CLI::App& inspecting =
      add_command(line, group,
                  {"inspect", "show open dead letters",
                   "kbeat dlq inspect\nkbeat dlq inspect beats-events/0/41 -J\n"
                   "kbeat dlq inspect --state all --output csv"},
                  [inspect](Context& context) { return run_dlq_inspect(*inspect, context); });
  add_letter_flags(inspecting, inspect->letters, 0);
  add_state_flag(inspecting, inspect->letters, "open, pending, retried, archived, discarded or all");
  inspecting.add_flag("--patterns", inspect->patterns, "group errors, with numbers, ids and URLs masked");
  inspecting.add_flag("-J", inspect->envelopes, "the dead letters' records as envelopes");
  add_output_flag(inspecting, inspect->output);

  add_retry(line, group);
  add_closing(line, group,
              {"archive", "keep dead letters for good and close them",
               "kbeat dlq archive --error 'no such user' --yes"},
              &run_dlq_archive);
  add_closing(line, group,
              {"discard", "close dead letters that nobody needs",
               "kbeat dlq discard beats-events/0/41 --reason duplicate --yes"},
              &run_dlq_discard);

  auto stats = std::make_shared<DlqStatsFlags>();
  CLI::App& counting = add_command(
      line, group, {"stats", "count dead letters by state and category", "kbeat dlq stats --output json"},
      [stats](Context& context) { return run_dlq_stats(*stats, context); });
  add_topic_flag(counting, stats->dlq_topic);
  add_output_flag(counting, stats->output);
  add_watch(line, group);
}

}  // namespace kbeat::app
