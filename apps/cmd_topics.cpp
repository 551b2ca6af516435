// The topic commands on the transport's admins.
#include "cmd_topics.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <algorithm>

#include "confirm.hpp"
#include "exit_code.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "output.hpp"
#include "topics_apply.hpp"

namespace kbeat::app {
namespace {

/// Each once, though it be given twice.
std::vector<TopicName> names_of(const TopicsOptions& options) {
  std::vector<TopicName> names;
  for (const std::string& topic : options.topics) {
    check_topic_name(topic);
    const TopicName name{topic};
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::string list_of(const std::vector<TopicName>& names) {
  std::string list;
  for (const TopicName& name : names) list += (list.empty() ? "" : ", ") + name.get();
  return list;
}

Cell list_cell(const std::vector<int>& numbers) {
  return Cell::json(fmt::format("[{}]", fmt::join(numbers, ",")));
}

std::map<std::string, std::string> parse_config(const std::vector<std::string>& pairs) {
  std::map<std::string, std::string> config;
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(ErrorCode::usage,
                  fmt::format("--set \"{}\" is not NAME=VALUE", escape_for_terminal(pair, 80)));
    }
    config[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return config;
}

void add_partitions(Listing& listing, const transport::TopicInfo& topic, transport::OffsetAdmin& offsets) {
  std::vector<TopicPartition> partitions;
  for (const auto& partition : topic.partitions) partitions.push_back({topic.topic, partition.partition});
  const auto earliest = offsets.offsets(partitions, transport::LogEnd::earliest);
  const auto latest = offsets.offsets(partitions, transport::LogEnd::latest);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const transport::PartitionInfo& info = topic.partitions[i];
    listing.rows.push_back({topic.topic.get(), info.partition.get(), earliest[i].get(), latest[i].get(),
                            info.leader, list_cell(info.replicas), list_cell(info.in_sync)});
  }
}

void add_apply(CommandLine& line, CLI::App& group, const std::shared_ptr<TopicsOptions>& options) {
  CLI::App& apply = add_command(line, group,
                                {"apply", "make and change topics to be as a file has them",
                                 "kbeat topics apply topics.toml --dry-run\n"
                                 "kbeat topics apply                 # the topics that kbeat knows"},
                                [options](Context& context) { return run_topics_apply(*options, context); });
  apply
      .add_option("file", options->file, "TOML with [[topic]] tables (default: the topics that kbeat knows)")
      ->type_name("FILE");
  apply.add_flag("--dry-run", options->dry_run, "print the plan and change nothing");
  add_output_flag(apply, options->output);
}

}  // namespace

void add_topics(CommandLine& line) {
  CLI::App& group = add_command_group(
      line.root(), {"topics", "list, describe, create, apply and delete topics",
                    "kbeat topics list\n"
                    "kbeat topics create orders --partitions 3 --set retention.ms=604800000\n"
                    "kbeat topics describe orders --output table"});
  auto options = std::make_shared<TopicsOptions>();
  CLI::App& list =
      add_command(line, group, {"list", "every topic with its partitions", "kbeat topics list --output csv"},
                  [options](Context& context) { return run_topics_list(*options, context); });
  CLI::App& describe = add_command(
      line, group,
      {"describe", "partitions with offsets and replicas, or --configs", "kbeat topics describe orders"},
      [options](Context& context) { return run_topics_describe(*options, context); });
  describe.add_flag("--configs", options->show_config, "the topic's settings instead of its partitions");
  CLI::App& create =
      add_command(line, group,
                  {"create", "make topics",
                   "kbeat topics create orders --partitions 3 --replication 2\n"
                   "kbeat topics create state --set cleanup.policy=compact --if-missing"},
                  [options](Context& context) { return run_topics_create(*options, context); });
  create.add_option("-p,--partitions", options->partitions, "how many (default 1)")
      ->check(CLI::Range(1, 100'000))
      ->type_name("N");
  create.add_option("-r,--replication", options->replication, "copies (default: the broker's)")
      ->check(CLI::Range(1, 100))
      ->type_name("N");
  add_list(create, "--set", options->config, "a setting of the topic, such as retention.ms")
      ->type_name("NAME=VALUE");
  create.add_flag("--if-missing", options->if_missing, "a topic that exists is no error");
  CLI::App& remove = add_command(
      line, group, {"delete", "delete topics with all their records", "kbeat topics delete scratch --yes"},
      [options](Context& context) { return run_topics_delete(*options, context); });
  remove.add_flag("--dry-run", options->dry_run, "say what would be deleted");
  remove.add_flag("--yes", options->yes, "do not ask");
  add_apply(line, group, options);
  for (CLI::App* app : {&describe, &create, &remove}) {
    app->add_option("topic", options->topics, "topics")->required();
  }
  for (CLI::App* app : {&list, &describe}) add_output_flag(*app, options->output);
}

int run_topics_list(const TopicsOptions& options, Context& context) {
  const OutputForm form = output_form(options.output, context.io);
  const auto transport = connect_transport(context);
  transport::ClusterInfo cluster = transport->make_topic_admin(admin_timeout(context))->cluster();
  std::sort(cluster.topics.begin(), cluster.topics.end(),
            [](const auto& a, const auto& b) { return a.topic < b.topic; });
  Listing listing{{"topic", "partitions", "replicas"}, {}};
  for (const transport::TopicInfo& topic : cluster.topics) {
    const std::size_t replicas = topic.partitions.empty() ? 0 : topic.partitions.front().replicas.size();
    listing.rows.push_back(
        {topic.topic.get(), static_cast<int>(topic.partitions.size()), static_cast<int>(replicas)});
  }
  print_listing(listing, form, context.io.out());
  return k_exit_done;
}

int run_topics_describe(const TopicsOptions& options, Context& context) {
  const OutputForm form = output_form(options.output, context.io);
  const std::vector<TopicName> names = names_of(options);
  const auto transport = connect_transport(context);
  const auto topics = transport->make_topic_admin(admin_timeout(context));
  Listing partitions{{"topic", "partition", "earliest", "latest", "leader", "replicas", "in_sync"}, {}};
  Listing settings{{"topic", "name", "value"}, {}};
  const auto offsets = transport->make_offset_admin(admin_timeout(context));
  for (const TopicName& name : names) {
    const transport::TopicInfo info = topics->topic(name);
    if (!options.show_config) {
      add_partitions(partitions, info, *offsets);
      continue;
    }
    for (const auto& [key, value] : topics->config(name)) settings.rows.push_back({name.get(), key, value});
  }
  print_listing(options.show_config ? settings : partitions, form, context.io.out());
  return k_exit_done;
}

int run_topics_create(const TopicsOptions& options, Context& context) {
  const auto config = parse_config(options.config);
  const std::vector<TopicName> names = names_of(options);
  const auto transport = connect_transport(context);
  const auto admin = transport->make_topic_admin(admin_timeout(context));
  const transport::ClusterInfo cluster = options.if_missing ? admin->cluster() : transport::ClusterInfo();
  for (const TopicName& name : names) {
    const bool exists = std::any_of(cluster.topics.begin(), cluster.topics.end(),
                                    [&](const auto& topic) { return topic.topic == name; });
    if (exists) continue;
    admin->create({.topic = name,
                   .partitions = options.partitions,
                   .replication = options.replication,
                   .config = config});
    context.notice(fmt::format("created {}", name.get()));
  }
  return k_exit_done;
}

int run_topics_delete(const TopicsOptions& options, Context& context) {
  const std::vector<TopicName> names = names_of(options);
  const auto transport = connect_transport(context);
  const auto admin = transport->make_topic_admin(admin_timeout(context));
  for (const TopicName& name : names) static_cast<void>(admin->topic(name));  // all exist, or none is deleted
  const std::string list = list_of(names);
  if (options.dry_run) {
    context.io.say(fmt::format("would delete {} with all records", list));
    return k_exit_done;
  }
  require_consent(context.io, fmt::format("delete {} with all records?", list),
                  options.yes ? Consent::given : Consent::ask);
  for (const TopicName& name : names) {
    admin->remove(name);
    context.notice(fmt::format("deleted {}", name.get()));
  }
  return k_exit_done;
}

}  // namespace kbeat::app
