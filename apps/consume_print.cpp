// Wires consume's flags to the printing loop.
#include "consume_print.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "consume_flags.hpp"
#include "kbeat/base/error.hpp"
#include "print_records.hpp"
#include "watch_kit.hpp"

namespace kbeat::app {
namespace {

std::optional<GroupId> group_of(const Context& context) {
  const auto& values = context.config.values;
  const auto found = std::find_if(values.begin(), values.end(), [](const config::ResolvedValue& value) {
    return value.name == "kafka.group";
  });
  const bool by_flag = found != values.end() && found->source.starts_with("flag");
  const config::ConsumeSettings& settings = context.settings().consume;
  if (!by_flag && !settings.auto_commit) return std::nullopt;
  return GroupId{settings.group};
}

}  // namespace

void check_print_flags(const ConsumeFlags& flags) {
  if (!flags.print && !flags.print_flags.empty()) {
    throw Error(ErrorCode::usage, fmt::format("{} needs --print: handlers take every event",
                                              fmt::join(flags.print_flags, ", ")));
  }
  if (flags.print && !flags.handler_flags.empty()) {
    throw Error(ErrorCode::usage, fmt::format("--print runs no handlers: {} does not go with it",
                                              fmt::join(flags.handler_flags, ", ")));
  }
}

int run_consume_print(const ConsumeFlags& flags, Context& context) {
  PrintPlan plan;
  plan.topics = consumed_topics(flags, context);
  plan.group = group_of(context);
  plan.form = flags.form;
  plan.wanted = flags.wanted;
  const bool from_end = context.settings().consume.offset_reset == "latest";
  using reading::BoundKind;
  apply_limits(flags.limits, {from_end ? BoundKind::latest : BoundKind::earliest, 0}, context.clock.now(),
               plan);
  check_plan(plan, context);
  WatchKit watchers(context, plan.group ? plan.group->get() : std::string(), Lifetime::bounded);
  const int code = RecordPrinting(plan, watchers.transport(), context).run();
  watchers.finish();
  return code;
}

}  // namespace kbeat::app
