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
#include "row_printer.hpp"

namespace kbeat::app {
namespace {

std::vector<transport::WantedTopic> topics_of_file(const std::string& path) {
  const config::ConfigFile file = config::read_config_file(path);
  const auto found = file.base.lists.find("topic");
  if (found == file.base.lists.end()) {
    throw Error(ErrorCode::configuration, path + " has no [[topic]]");
  }
  std::vector<transport::WantedTopic> wanted;
  for (const config::TopicSettings& topic : config::read_topics(found->second)) {
    check_topic_name(topic.name);
    wanted.push_back({.topic = TopicName{topic.name},
                      .partitions = topic.partitions,
                      .replication = topic.replication,
                      .config = topic.config});
  }
  return wanted;
}

transport::WantedTopic as_wanted(const transport::TopicSpec& spec) {
  return {.topic = spec.topic,
          .partitions = spec.partitions,
          .replication = spec.replication,
          .config = spec.config};
}

/// The topics that kbeat knows, those of dead letters with their states.
std::vector<transport::WantedTopic> own_topics() {
  std::vector<transport::WantedTopic> wanted;
  for (const transport::KnownTopic& known : transport::known_topics()) {
    const TopicName name{std::string(known.name)};
    const bool letters = known.name == "analytics-dlq" || known.name == "dead.letter.queue";
    if (!letters) {
      wanted.push_back(as_wanted(transport::default_spec(name)));
      continue;
    }
    for (const transport::TopicSpec& spec : pipeline::dlq_specs(name)) wanted.push_back(as_wanted(spec));
  }
  return wanted;
}

}  // namespace

int run_topics_apply(const TopicsOptions& options, Context& context) {
  const OutputForm form = output_form(options.output, context.io);
  const std::vector<transport::WantedTopic> wanted =
      options.file.empty() ? own_topics() : topics_of_file(options.file);
  const auto transport = connect_transport(context);
  const auto admin = transport->make_topic_admin(admin_timeout(context));
  const std::vector<transport::TopicStep> steps = transport::plan_topics(*admin, wanted);
  RowPrinter rows({"topic", "action", "what", "from", "to", "changed"}, form, context.io.out());
  const auto show = [&](const transport::TopicStep& step) {
    const bool changes = step.action != transport::TopicAction::none;
    const auto cell = [](const std::string& text) { return text.empty() ? Cell() : Cell(text); };
    rows.add({step.topic.get(), std::string(to_string(step.action)), cell(step.what), cell(step.from),
              cell(step.to), changes && !options.dry_run});
  };
  try {
    if (options.dry_run) {
      std::for_each(steps.begin(), steps.end(), show);
    } else {
      transport::carry_out(*admin, wanted, steps, show);
    }
  } catch (const Error&) {
    rows.finish();  // what was done is said all the same
    throw;
  }
  rows.finish();
  return k_exit_done;
}

}  // namespace kbeat::app
