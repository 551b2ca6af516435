// Asks for the topics by name, or for all when there is a pattern.
#include "kbeat/reading/topic_choice.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kbeat/base/error.hpp"
#include "kbeat/filter/pattern.hpp"

namespace kbeat::reading {
namespace {

void add_unless_there(std::vector<transport::TopicInfo>& all, transport::TopicInfo topic) {
  const bool there =
      std::any_of(all.begin(), all.end(), [&](const auto& each) { return each.topic == topic.topic; });
  if (!there) all.push_back(std::move(topic));
}

std::vector<transport::TopicInfo> matching(transport::TopicAdmin& admin, const std::string& pattern) {
  const filter::Pattern wanted("topic pattern", pattern);
  std::vector<transport::TopicInfo> topics = admin.cluster().topics;
  std::erase_if(topics, [&](const auto& topic) { return !wanted.found_in(topic.topic.get()); });
  std::sort(topics.begin(), topics.end(), [](const auto& a, const auto& b) { return a.topic < b.topic; });
  return topics;
}

}  // namespace

std::vector<TopicPartition> choose_partitions(transport::TopicAdmin& admin, const TopicChoice& choice) {
  std::vector<transport::TopicInfo> topics;
  for (const std::string& name : choice.topics) {
    if (name.starts_with('^')) {
      for (transport::TopicInfo& topic : matching(admin, name)) add_unless_there(topics, std::move(topic));
    } else {
      add_unless_there(topics, admin.topic(TopicName{name}));
    }
  }
  std::vector<TopicPartition> chosen;
  for (const transport::TopicInfo& topic : topics) {
    for (const auto& each : topic.partitions) {
      const bool named = std::find(choice.partitions.begin(), choice.partitions.end(),
                                   each.partition.get()) != choice.partitions.end();
      if (named || choice.partitions.empty()) chosen.push_back({topic.topic, each.partition});
    }
  }
  return chosen;
}

void check_there(std::span<const TopicPartition> partitions, std::span<const int> named,
                 std::string_view flag) {
  for (const int wanted : named) {
    const bool there = std::any_of(partitions.begin(), partitions.end(), [&](const TopicPartition& each) {
      return each.partition.get() == wanted;
    });
    if (there) continue;
    throw Error(ErrorCode::not_found,
                fmt::format("{}: there is no partition {}; kbeat topics describe shows those there are", flag,
                            wanted));
  }
}

}  // namespace kbeat::reading
