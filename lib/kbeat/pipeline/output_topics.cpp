// Makes what dead letters and results need before the first of them is there.
#include "kbeat/pipeline/output_topics.hpp"

#include <algorithm>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/pipeline/letters.hpp"
#include "kbeat/pipeline/topics.hpp"
#include "kbeat/transport/topic_table.hpp"

namespace kbeat::pipeline {
namespace {

std::vector<transport::TopicSpec> output_topics(const ConsumeOptions& options) {
  std::vector<transport::TopicSpec> wanted;
  for (const std::string& topic : options.topics) {
    if (options.runner.as_topic.value_or(topic) == "beats-events") {
      wanted.push_back(transport::default_spec(TopicName{"analytics-events"}));
    }
    if (!options.dead_letters) continue;
    for (auto& spec : dlq_specs(dlq_topic_for(topic, options.letters.topic), options.letters.retention))
      wanted.push_back(std::move(spec));
  }
  return wanted;
}

/// The user's own topics are made by the user, who alone knows how many partitions they want.
bool may_make(const TopicName& topic, const std::vector<transport::TopicSpec>& outputs) {
  return is_own_topic(topic.get()) ||
         std::any_of(outputs.begin(), outputs.end(), [&](const auto& spec) { return spec.topic == topic; });
}

MakeTopics making(const ConsumeOptions& options) {
  return options.create_topics ? MakeTopics::yes : MakeTopics::no;
}

}  // namespace

void prepare_input_topics(transport::Transport& transport, const ConsumeOptions& options) {
  ensure_topics(transport, options.topics, making(options), options.timeout);
  if (options.exit_at_end) require_matches(transport, options.topics, options.timeout);
}

void prepare_output_topics(transport::Transport& transport, const ConsumeOptions& options) {
  ensure_topics(transport, options.forward_targets, making(options), options.timeout);
  if (!options.create_topics) return;
  for (const transport::TopicSpec& spec : output_topics(options)) {
    try {
      make_topic(transport, spec, options.timeout);
    } catch (const Error& error) {
      log_warning("cannot make topic {}: {}", spec.topic.get(), error.what());
    }
  }
}

RelayOptions relay_options(transport::Transport& transport, const ConsumeOptions& options,
                           const std::string& owner) {
  RelayOptions relay{.owner = owner, .client_id = options.client_id + "-relay", .make_topic = nullptr};
  if (options.create_topics) {
    relay.make_topic = [&transport, outputs = output_topics(options),
                        timeout = options.timeout](const TopicName& topic) {
      if (transport.kind() == transport::TransportKind::kafka && !may_make(topic, outputs)) return;
      make_topic(transport, transport::default_spec(topic), timeout);
    };
  }
  return relay;
}

}  // namespace kbeat::pipeline
