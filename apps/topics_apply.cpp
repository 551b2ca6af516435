// Plans, prints and carries out.
#include "topics_apply.hpp"

#include <algorithm>

#include "exit_code.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/config/config_file.hpp"
#include "kbeat/config/topic_settings.hpp"
#include "kbeat/pipeline/topics.hpp"
#include "kbeat/transport/topic_plan.hpp"
#include "kbeat/transport/topic_table.hpp"
#include "output.hpp"

namespace kbeat::app {
namespace {

std::vector<transport::TopicSpec> specs_of_file(const std::string& path) {
  const config::ConfigFile file = config::read_config_file(path);
  const auto found = file.base.lists.find("topic");
  if (found == file.base.lists.end()) {
    throw Error(ErrorCode::configuration, path + " has no [[topic]]");
  }
  std::vector<transport::TopicSpec> specs;
  for (const config::TopicSettings& topic : config::read_topics(found->second)) {
    check_topic_name(topic.name);
    specs.push_back({.topic = TopicName{topic.name},
                     .partitions = topic.partitions,
                     .replication = topic.replication,
                     .config = topic.config});
  }
  return specs;
}

/// The topics that kbeat knows, those of dead letters with their states.
std::vector<transport::TopicSpec> own_specs() {
  std::vector<transport::TopicSpec> specs;
  for (const transport::KnownTopic& known : transport::known_topics()) {
    const TopicName name{std::string(known.name)};
    const bool letters = known.name == "analytics-dlq" || known.name == "dead.letter.queue";
    if (!letters) {
      specs.push_back(transport::default_spec(name));
      continue;
    }
    for (transport::TopicSpec& spec : pipeline::dlq_specs(name)) specs.push_back(std::move(spec));
  }
  return specs;
}

}  // namespace

int run_topics_apply(const TopicsOptions& options, Context& context) {
  const OutputForm form = output_form(options.output, context.io);
  const std::vector<transport::TopicSpec> specs =
      options.file.empty() ? own_specs() : specs_of_file(options.file);
  const auto transport = connect_transport(context);
  const auto admin = transport->make_topic_admin(admin_timeout(context));
  const std::vector<transport::TopicStep> steps = transport::plan_topics(*admin, specs);
  if (!options.dry_run) transport::carry_out(*admin, specs, steps);
  Listing listing{{"topic", "action", "what", "from", "to", "changed"}, {}};
  const auto cell = [](const std::string& text) { return text.empty() ? Cell() : Cell(text); };
  for (const transport::TopicStep& step : steps) {
    const bool changes = step.action != transport::TopicAction::none;
    listing.rows.push_back({step.topic.get(), std::string(to_string(step.action)), cell(step.what),
                            cell(step.from), cell(step.to), changes && !options.dry_run});
  }
  print_listing(listing, form, context.io.out());
  return k_exit_done;
}

}  // namespace kbeat::app
