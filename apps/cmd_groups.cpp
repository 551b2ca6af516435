// The group commands on the transport's admins.
#include "cmd_groups.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>

#include "confirm.hpp"
#include "exit_code.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/pipeline/group_positions.hpp"
#include "output.hpp"

namespace kbeat::app {
namespace {

Cell offset_cell(const std::optional<Offset>& offset) {
  return offset ? Cell(offset->get()) : Cell();
}

/// What a group has still to read; from the start of the log where it never committed.
std::int64_t lag_of(const pipeline::GroupPosition& position) {
  const Offset from = position.committed.value_or(position.earliest);
  return std::max<std::int64_t>(0, position.latest.get() - std::max(from, position.earliest).get());
}

[[noreturn]] void no_such_group(const std::string& group) {
  throw Error(ErrorCode::not_found,
              fmt::format("group {} does not exist: it has no members and no positions (kbeat groups list)",
                          escape_for_terminal(group, 80)));
}

void add_members(Listing& listing, const transport::GroupInfo& group) {
  if (group.members.empty()) listing.rows.push_back({group.group.get(), group.state, {}, {}, {}, {}});
  for (const transport::GroupMember& member : group.members) {
    std::string partitions;
    for (const TopicPartition& partition : member.partitions) {
      if (!partitions.empty()) partitions += ' ';
      partitions += to_string(partition);
    }
    listing.rows.push_back(
        {group.group.get(), group.state, member.id, member.client_id, member.host, partitions});
  }
}

void add_group_argument(CLI::App& app, GroupsOptions& options) {
  app.add_option("group", options.groups, "groups")->required();
}

void add_reset(CommandLine& line, CLI::App& group, const std::shared_ptr<GroupsOptions>& options) {
  CLI::App& reset = add_command(line, group,
                                {"reset", "move a group's positions",
                                 "kbeat groups reset kbeat --topic orders --to earliest --dry-run\n"
                                 "kbeat groups reset kbeat --topic orders --to 2026-01-31T09:00:00Z --yes\n"
                                 "kbeat groups reset kbeat --topic orders --shift=-100 --yes"},
                                [options](Context& context) { return run_groups_reset(*options, context); });
  reset.add_option("group", options->group, "the group")->required();
  add_list(reset, "-t,--topic", options->topics, "only these topics (default: all that the group read)")
      ->type_name("TOPIC");
  reset.add_option("--to", options->to, "earliest, latest, an offset, a time, or a span back such as 2h")
      ->type_name("WHERE");
  reset.add_option("--shift", options->shift, "so many records on, or back when negative")->type_name("N");
  reset.add_flag("--dry-run", options->dry_run, "print the plan and change nothing");
  reset.add_flag("--yes", options->yes, "do not ask");
  add_output_flag(reset, options->output);
}

}  // namespace

void add_groups(CommandLine& line) {
  CLI::App& group =
      add_command_group(line.root(), {"groups", "list, describe and reset consumer groups, and their lag",
                                      "kbeat groups list\nkbeat groups lag kbeat\n"
                                      "kbeat groups reset kbeat --topic orders --to earliest --dry-run"});
  auto options = std::make_shared<GroupsOptions>();
  CLI::App& list = add_command(line, group, {"list", "every group and its state", "kbeat groups list"},
                               [options](Context& context) { return run_groups_list(*options, context); });
  CLI::App& describe = add_command(
      line, group, {"describe", "a group's members and their partitions", "kbeat groups describe kbeat"},
      [options](Context& context) { return run_groups_describe(*options, context); });
  CLI::App& lag = add_command(
      line, group,
      {"lag", "positions, ends and what is left to read", "kbeat groups lag kbeat --output table"},
      [options](Context& context) { return run_groups_lag(*options, context); });
  for (CLI::App* app : {&describe, &lag}) add_group_argument(*app, *options);
  for (CLI::App* app : {&list, &describe, &lag}) add_output_flag(*app, options->output);
  add_reset(line, group, options);
}

int run_groups_list(const GroupsOptions& options, Context& context) {
  const OutputForm form = output_form(options.output, context.io);
  const auto transport = connect_transport(context);
  auto groups = transport->make_offset_admin(admin_timeout(context))->groups();
  std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.group < b.group; });
  Listing listing{{"group", "state", "members"}, {}};
  for (const auto& group : groups) {
    listing.rows.push_back({group.group.get(), group.state, static_cast<int>(group.members.size())});
  }
  print_listing(listing, form, context.io.out());
  return k_exit_done;
}

int run_groups_describe(const GroupsOptions& options, Context& context) {
  const OutputForm form = output_form(options.output, context.io);
  const auto transport = connect_transport(context);
  const auto groups = transport->make_offset_admin(admin_timeout(context))->groups();
  Listing listing{{"group", "state", "member", "client_id", "host", "partitions"}, {}};
  for (const std::string& name : options.groups) {
    const auto found = std::find_if(groups.begin(), groups.end(),
                                    [&](const auto& group) { return group.group.get() == name; });
    if (found == groups.end()) no_such_group(name);
    add_members(listing, *found);
  }
  print_listing(listing, form, context.io.out());
  return k_exit_done;
}

int run_groups_lag(const GroupsOptions& options, Context& context) {
  const OutputForm form = output_form(options.output, context.io);
  const auto transport = connect_transport(context);
  const auto topics = transport->make_topic_admin(admin_timeout(context));
  const auto offsets = transport->make_offset_admin(admin_timeout(context));
  Listing listing{{"group", "topic", "partition", "committed", "end", "lag"}, {}};
  for (const std::string& name : options.groups) {
    const auto positions = pipeline::group_positions(*topics, *offsets, GroupId{name}, {});
    if (positions.empty()) no_such_group(name);
    for (const pipeline::GroupPosition& position : positions) {
      listing.rows.push_back({name, position.partition.topic.get(), position.partition.partition.get(),
                              offset_cell(position.committed), position.latest.get(), lag_of(position)});
    }
  }
  print_listing(listing, form, context.io.out());
  return k_exit_done;
}

/// The new positions carry no mark of kbeat, so that every host of the group honours them as a reset.
int run_groups_reset(const GroupsOptions& options, Context& context) {
  const OutputForm form = output_form(options.output, context.io);
  const GroupId group{options.group};
  const auto transport = connect_transport(context);
  const auto topics = transport->make_topic_admin(admin_timeout(context));
  const auto offsets = transport->make_offset_admin(admin_timeout(context));
  const auto positions = pipeline::group_positions(*topics, *offsets, group, options.topics);
  if (positions.empty()) no_such_group(group.get());
  const auto targets =
      pipeline::reset_offsets(positions, {options.to, options.shift}, *offsets, context.clock.now());
  Listing listing{{"group", "topic", "partition", "from", "to", "changed"}, {}};
  std::vector<transport::CommittedPosition> changes;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const TopicPartition& partition = positions[i].partition;
    changes.push_back({.partition = partition, .next = targets[i], .metadata = {}});
    listing.rows.push_back({group.get(), partition.topic.get(), partition.partition.get(),
                            offset_cell(positions[i].committed), targets[i].get(), !options.dry_run});
  }
  if (!options.dry_run) {
    require_consent(context.io, fmt::format("move {} positions of group {}?", changes.size(), group.get()),
                    options.yes ? Consent::given : Consent::ask);
    offsets->set_committed(group, changes);
  }
  print_listing(listing, form, context.io.out());
  return k_exit_done;
}

}  // namespace kbeat::app
