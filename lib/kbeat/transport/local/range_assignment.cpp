// Range assignment and the matching of subscriptions.
#include "kbeat/transport/local/range_assignment.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::transport::local {
namespace {

bool is_pattern(std::string_view text) {
  return text.starts_with('^');
}

void deal_topic(std::span<Member*> takers, const TopicState& topic) {
  const std::size_t partitions = topic.partitions.size();
  const std::size_t each = partitions / takers.size();
  const std::size_t one_more = partitions % takers.size();
  std::size_t next = 0;
  for (std::size_t i = 0; i < takers.size(); ++i) {
    const std::size_t share = each + (i < one_more ? 1 : 0);
    for (std::size_t n = 0; n < share; ++n, ++next) {
      takers[i]->partitions.push_back({topic.topic, Partition{static_cast<std::int32_t>(next)}});
    }
  }
}

}  // namespace

std::vector<std::string> subscription_of(const ConsumerOptions& options) {
  std::vector<std::string> subscription = options.topics;
  for (const TopicName& topic : options.passed_over) subscription.push_back("!" + topic.get());
  return subscription;
}

bool subscribes(std::span<const std::string> subscription, const TopicName& topic) {
  const auto has = [&](const std::string& entry) {
    return std::find(subscription.begin(), subscription.end(), entry) != subscription.end();
  };
  if (has(topic.get())) return true;
  const auto matches = [&](const std::string& entry) {
    return is_pattern(entry) && RE2::PartialMatch(topic.get(), entry);
  };
  return std::any_of(subscription.begin(), subscription.end(), matches) && !has("!" + topic.get());
}

void check_subscription(std::span<const std::string> subscription) {
  for (const std::string& wanted : subscription) {
    if (!is_pattern(wanted)) {
      check_topic_name(wanted);
      continue;
    }
    const RE2 pattern(wanted, RE2::Quiet);
    if (pattern.ok() && wanted.find('\n') == std::string::npos) continue;
    throw Error(ErrorCode::usage,
                fmt::format("\"{}\" is not a pattern of topics: {}", escape_for_terminal(wanted, 80),
                            pattern.ok() ? "it has more than one line" : pattern.error()));
  }
}

void deal_by_range(std::span<Member> members, std::span<const TopicState> topics) {
  for (Member& member : members) member.partitions.clear();
  for (const TopicState& topic : topics) {
    std::vector<Member*> takers;
    for (Member& member : members) {
      if (subscribes(member.topics, topic.topic)) takers.push_back(&member);
    }
    if (takers.empty()) continue;
    std::sort(takers.begin(), takers.end(), [](const Member* a, const Member* b) { return a->id < b->id; });
    deal_topic(takers, topic);
  }
}

}  // namespace kbeat::transport::local
