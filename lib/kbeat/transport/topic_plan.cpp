// Compares topics with their specifications.
#include "kbeat/transport/topic_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "kbeat/base/error.hpp"

namespace kbeat::transport {
namespace {

void add_missing(std::vector<TopicStep>& steps, const TopicSpec& spec) {
  steps.push_back({spec.topic, TopicAction::create, "partitions", "", std::to_string(spec.partitions)});
  for (const auto& [name, value] : spec.config)
    steps.push_back({spec.topic, TopicAction::create, name, "", value});
}

void add_changes(std::vector<TopicStep>& steps, const TopicSpec& spec, const TopicInfo& there,
                 TopicAdmin& admin) {
  const std::size_t before = steps.size();
  const int partitions = static_cast<int>(there.partitions.size());
  if (partitions > spec.partitions) {
    throw Error(ErrorCode::usage, fmt::format("{} has {} partitions and is to have {}: Kafka takes none away",
                                              spec.topic.get(), partitions, spec.partitions));
  }
  if (partitions < spec.partitions) {
    steps.push_back({spec.topic, TopicAction::add_partitions, "partitions", std::to_string(partitions),
                     std::to_string(spec.partitions)});
  }
  const std::map<std::string, std::string> config =
      spec.config.empty() ? std::map<std::string, std::string>() : admin.config(spec.topic);
  for (const auto& [name, value] : spec.config) {
    const auto found = config.find(name);
    const std::string now = found == config.end() ? "" : found->second;
    if (now != value) steps.push_back({spec.topic, TopicAction::set_config, name, now, value});
  }
  if (steps.size() == before) steps.push_back({spec.topic, TopicAction::none, "", "", ""});
}

void create(TopicAdmin& admin, const TopicSpec& spec) {
  try {
    admin.create(spec);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::busy) throw;
  }
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

std::vector<TopicStep> plan_topics(TopicAdmin& admin, std::span<const TopicSpec> wanted) {
  const std::vector<TopicInfo> topics = admin.cluster().topics;
  std::vector<TopicStep> steps;
  for (const TopicSpec& spec : wanted) {
    const auto found = std::find_if(topics.begin(), topics.end(),
                                    [&](const TopicInfo& info) { return info.topic == spec.topic; });
    if (found == topics.end()) {
      add_missing(steps, spec);
    } else {
      add_changes(steps, spec, *found, admin);
    }
  }
  return steps;
}

void carry_out(TopicAdmin& admin, std::span<const TopicSpec> wanted, std::span<const TopicStep> steps) {
  for (const TopicSpec& spec : wanted) {
    bool make = false;
    bool grow = false;
    std::map<std::string, std::string> changed;
    for (const TopicStep& step : steps) {
      if (step.topic != spec.topic) continue;
      make = make || step.action == TopicAction::create;
      grow = grow || step.action == TopicAction::add_partitions;
      if (step.action == TopicAction::set_config) changed[step.what] = step.to;
    }
    if (make) create(admin, spec);
    if (grow) admin.add_partitions(spec.topic, spec.partitions);
    if (!changed.empty()) admin.set_config(spec.topic, changed);
  }
}

}  // namespace kbeat::transport
