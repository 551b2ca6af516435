// Makes sure that the topics of a command are there.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/base/error.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::pipeline {

enum class MakeTopics { no, yes };

/// The house's own topics: those of its events, its dead letters and their state.
[[nodiscard]] bool is_own_topic(std::string_view topic);

/// Topics that the house knows (its events, its dead letters and their state) are made when they are missing
/// and `make` allows it; any other missing topic is Error{not_found} with the command that creates it.
/// Names that begin with ^ are patterns and passed over. The embedded log makes topics on first use.
void ensure_topics(transport::Transport& transport, std::span<const std::string> topics, MakeTopics make,
                   Milliseconds timeout);

/// Throws Error{not_found} when `topics` are patterns only and no topic there is matches one of them.
void require_matches(transport::Transport& transport, std::span<const std::string> topics,
                     Milliseconds timeout);

/// Makes one topic; it is no error when it is there already.
void make_topic(transport::Transport& transport, const transport::TopicSpec& spec, Milliseconds timeout);

/// A topic of dead letters, kept without a limit of time unless `retention` is one, and its compacted state
/// topic.
[[nodiscard]] std::vector<transport::TopicSpec> dlq_specs(
    const TopicName& dlq, std::optional<Milliseconds> retention = std::nullopt);

/// Makes those of `dlq_specs` that are not there.
void make_dlq(transport::Transport& transport, const TopicName& dlq, Milliseconds timeout);

/// How long the topic keeps records; nothing: without a limit of time.
[[nodiscard]] std::optional<Milliseconds> retention_of(transport::TopicAdmin& admin, const TopicName& topic);

/// Topics that went missing while they were read, until it is sure that they are gone: a restarting broker
/// does not know its topics at once.
class GoneTopics {
 public:
  void note(const TopicName& topic, SteadyTime now);
  /// Records of the topic come: when it was missing before, `check` says whether it is the same, by throwing
  /// when it is not or when that cannot be told. Returns what it threw.
  [[nodiscard]] std::optional<Error> back(std::string_view topic,
                                          const std::function<void(const TopicName&)>& check);
  /// Throws Error{not_found} for a topic that is still missing after ten seconds.
  void check(transport::Transport& transport, SteadyTime now, Milliseconds timeout);

 private:
  std::map<TopicName, SteadyTime> m_since;
};

}  // namespace kbeat::pipeline
