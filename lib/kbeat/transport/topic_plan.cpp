// Compares topics with their specifications.
#include "kbeat/transport/topic_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "kbeat/base/error.hpp"

namespace kbeat::transport {
namespace {

TopicSpec spec_of(const WantedTopic& wanted) {
  return {.topic = wanted.topic,
          .partitions = wanted.partitions.value_or(TopicSpec().partitions),
          .replication = wanted.replication,
          .config = wanted.config};
}

void add_missing(std::vector<TopicStep>& steps, const TopicSpec& spec, TopicAdmin& admin) {
  admin.rehearse(spec);
  steps.push_back({spec.topic, TopicAction::create, "partitions", "", std::to_string(spec.partitions)});
  for (const auto& [name, value] : spec.config)
    steps.push_back({spec.topic, TopicAction::create, name, "", value});
}

void add_partitions(std::vector<TopicStep>& steps, const WantedTopic& spec, const TopicInfo& there) {
  const int now = static_cast<int>(there.partitions.size());
  const int wanted = spec.partitions.value_or(now);
  if (now > wanted) {
    throw Error(ErrorCode::usage, fmt::format("{} has {} partitions and is to have {}: Kafka takes none away",
                                              spec.topic.get(), now, wanted));
  }
  if (now == wanted) return;
  steps.push_back(
      {spec.topic, TopicAction::add_partitions, "partitions", std::to_string(now), std::to_string(wanted)});
}

void add_changes(std::vector<TopicStep>& steps, const WantedTopic& spec, const TopicInfo& there,
                 TopicAdmin& admin) {
  const std::size_t before = steps.size();
  add_partitions(steps, spec, there);
  const std::map<std::string, std::string> config =
      spec.config.empty() ? std::map<std::string, std::string>() : admin.config(spec.topic);
  bool differs = false;
  for (const auto& [name, value] : spec.config) {
    const auto found = config.find(name);
    const std::string now = found == config.end() ? "" : found->second;
    if (now == value) continue;
    steps.push_back({spec.topic, TopicAction::set_config, name, now, value});
    differs = true;
  }
  if (differs) admin.rehearse(spec_of(spec));
  if (steps.size() == before) steps.push_back({spec.topic, TopicAction::none, "", "", ""});
}

void create(TopicAdmin& admin, const TopicSpec& spec) {
  try {
    admin.create(spec);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::busy) throw;
  }
}

/// Steps of one topic and action, which are one request.
void perform(TopicAdmin& admin, const WantedTopic& spec, std::span<const TopicStep> steps) {
  switch (steps.front().action) {
    case TopicAction::none: return;
    case TopicAction::create: return create(admin, spec_of(spec));
    case TopicAction::add_partitions: return admin.add_partitions(spec.topic, spec.partitions.value());
    case TopicAction::set_config: break;
  }
  std::map<std::string, std::string> changed;
  for (const TopicStep& step : steps) changed[step.what] = step.to;
  admin.set_config(spec.topic, changed);
}

}  // namespace

std::string_view to_string(TopicAction action) {
  switch (action) {
    case TopicAction::none: return "unchanged";
    case TopicAction::create: return "create";
    case TopicAction::add_partitions: return "add_partitions";
    case TopicAction::set_config: return "set";
  }
  return "unchanged";
}

std::vector<TopicStep> plan_topics(TopicAdmin& admin, std::span<const WantedTopic> wanted) {
  const std::vector<TopicInfo> topics = admin.cluster().topics;
  std::vector<TopicStep> steps;
  for (const WantedTopic& spec : wanted) {
    const auto found = std::find_if(topics.begin(), topics.end(),
                                    [&](const TopicInfo& info) { return info.topic == spec.topic; });
    if (found == topics.end()) {
      add_missing(steps, spec_of(spec), admin);
    } else {
      add_changes(steps, spec, *found, admin);
    }
  }
  return steps;
}

void carry_out(TopicAdmin& admin, std::span<const WantedTopic> wanted, std::span<const TopicStep> steps,
               const std::function<void(const TopicStep&)>& on_done) {
  for (auto first = steps.begin(); first != steps.end();) {
    const auto last = std::find_if(first, steps.end(), [&](const TopicStep& step) {
      return step.topic != first->topic || step.action != first->action;
    });
    const auto spec = std::find_if(wanted.begin(), wanted.end(),
                                   [&](const WantedTopic& each) { return each.topic == first->topic; });
    perform(admin, *spec, {first, last});
    std::for_each(first, last, on_done);
    first = last;
  }
}

}  // namespace kbeat::transport
