// Checks the flags against each other and turns them into a plan.
#include "print_limits.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "command.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/reading/range_parser.hpp"
#include "partition_list.hpp"
#include "span_flag.hpp"

namespace kbeat::app {
namespace {

void check_together(const PrintPlan& plan, const PrintLimits& limits) {
  const bool placed = !limits.offsets.empty() || plan.range.since || plan.range.until;
  check_placed(plan.range.placed(), plan.partitions);
  refuse_if(plan.range.needs_group() && !plan.group, "-o stored needs a group: give -G");
  refuse_if(plan.group && !plan.partitions.empty(),
            "-p and -G exclude each other: a group shares all partitions");
  refuse_if(plan.group && plan.tail, "--tail and -G exclude each other: a group goes on where it stopped");
  refuse_if(plan.group && plan.by_time,
            "--order time and -G exclude each other: a group's positions follow the offsets");
  refuse_if(plan.tail && placed, "--tail excludes -o, --since and --until: it says where to begin by itself");
  refuse_if(limits.follow && limits.exit_at_end, "--follow and -e exclude each other");
}

}  // namespace

void add_limit_flags(CLI::App& app, PrintLimits& limits) {
  constexpr const char* k_ends = "When to end";
  add_list(app, "-o,--offset", limits.offsets,
           "begin at beginning, end, stored, N, -N (the last N); A:B, @T1:T2, s@MS, e@MS bound it")
      ->type_name("WHERE");
  app.add_option("--since", limits.since,
                 "only records stamped at or after a time, or within a span such as 2h")
      ->type_name("TIME");
  at_least(0, app.add_option("-c,--count", limits.count, "end after so many"))->type_name("N")->group(k_ends);
  app.add_flag("-e,--exit", limits.exit_at_end, "end where the partitions end at the start")->group(k_ends);
  app.add_option("--idle-exit", limits.idle_exit, "end when nothing came for so long")
      ->type_name("SPAN")
      ->group(k_ends);
  app.add_option("--max-time", limits.max_time, "end after so long (exit 4 when work is left)")
      ->type_name("SPAN")
      ->group(k_ends);
  at_least(0, app.add_option("--connect-attempts", limits.connect_attempts,
                             "give up after so many attempts to connect"))
      ->type_name("N")
      ->group(k_ends);
  app.add_option("--on-gap", limits.on_gap, "when records are gone: fail or skip")
      ->check(CLI::IsMember({"fail", "skip"}))
      ->capture_default_str();
}

void add_selection_flags(CLI::App& app, PrintLimits& limits) {
  constexpr const char* k_printing = "Printing";
  app.add_option("-p", limits.partitions, "only these partitions, such as 0,2-4")
      ->type_name("LIST")
      ->group(k_printing);
  app.add_option("--until", limits.until, "only records stamped before a time; ends with the last of them")
      ->type_name("TIME")
      ->group(k_printing);
  at_least(0, app.add_option("--tail", limits.tail, "the last N over all partitions, by time; then end"))
      ->type_name("N")
      ->group(k_printing);
  app.add_option("--order", limits.order, "offset, or time: merge the partitions by time; then end")
      ->check(CLI::IsMember({"offset", "time"}))
      ->type_name("WORD")
      ->capture_default_str()
      ->group(k_printing);
  app.add_flag("--follow", limits.follow,
               "go on with new records after --tail, --order time or the end of a range")
      ->group(k_printing);
}

void apply_limits(const PrintLimits& limits, const reading::Bound& default_start, WallTime now,
                  PrintPlan& plan) {
  plan.default_start = default_start;
  plan.range = reading::parse_range({limits.offsets, limits.since, limits.until}, now);
  plan.partitions = parse_partitions(limits.partitions);
  plan.count = limits.count;
  plan.tail = limits.tail;
  plan.by_time = limits.order == "time";
  // What has an end of its own does not wait for records that may never come.
  const bool ends = plan.tail || plan.by_time || plan.range.everywhere.end || plan.range.until;
  plan.exit_at_end = limits.exit_at_end || (!limits.follow && ends);
  plan.idle_exit = optional_span("--idle-exit", limits.idle_exit);
  plan.max_time = optional_span("--max-time", limits.max_time);
  plan.skip_gaps = limits.on_gap == "skip";
  plan.connect_attempts = limits.connect_attempts;
  check_together(plan, limits);
}

}  // namespace kbeat::app
