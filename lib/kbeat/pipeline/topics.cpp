// Missing topics: made or named.
#include "kbeat/pipeline/topics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/filter/pattern.hpp"
#include "kbeat/pipeline/letter_state.hpp"
#include "kbeat/transport/topic_table.hpp"

namespace kbeat::pipeline {
namespace {

bool exists(transport::TopicAdmin& admin, const TopicName& topic) {
  try {
    static_cast<void>(admin.topic(topic));
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    return false;
  }
}

}  // namespace

bool is_own_topic(std::string_view topic) {
  const auto known = transport::known_topics();
  return std::any_of(known.begin(), known.end(), [topic](const auto& each) {
    return topic == each.name || topic == fmt::format("{}-state", each.name);
  });
}

void make_topic(transport::Transport& transport, const transport::TopicSpec& spec, Milliseconds timeout) {
  const auto admin = transport.make_topic_admin(timeout);
  if (exists(*admin, spec.topic)) return;
  try {
    admin->create(spec);
    log_info("made topic {}", spec.topic.get());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::busy) throw;  // busy: another process was quicker
  }
}

std::vector<transport::TopicSpec> dlq_specs(const TopicName& dlq, std::optional<Milliseconds> retention) {
  transport::TopicSpec letters = transport::default_spec(dlq);
  letters.config["retention.ms"] = retention ? std::to_string(retention->count()) : "-1";
  transport::TopicSpec states = transport::default_spec(state_topic(dlq));
  states.partitions = letters.partitions;
  states.config = {{"cleanup.policy", "compact"}};
  return {letters, states};
}

void make_dlq(transport::Transport& transport, const TopicName& dlq, Milliseconds timeout) {
  for (const transport::TopicSpec& spec : dlq_specs(dlq)) make_topic(transport, spec, timeout);
}

std::optional<Milliseconds> retention_of(transport::TopicAdmin& admin, const TopicName& topic) {
  const auto config = admin.config(topic);
  const auto found = config.find("retention.ms");
  if (found == config.end()) return std::nullopt;
  std::int64_t span = -1;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), span);
  return span < 0 ? std::nullopt : std::optional(Milliseconds{span});
}

void GoneTopics::note(const TopicName& topic, SteadyTime now) {
  m_since.try_emplace(topic, now);
}

std::optional<Error> GoneTopics::back(std::string_view topic,
                                      const std::function<void(const TopicName&)>& check) {
  if (m_since.empty()) return std::nullopt;
  const TopicName name{std::string(topic)};
  if (m_since.erase(name) == 0) return std::nullopt;
  try {
    check(name);
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

void GoneTopics::check(transport::Transport& transport, SteadyTime now, Milliseconds timeout) {
  constexpr std::chrono::seconds k_grace{10};
  for (auto entry = m_since.begin(); entry != m_since.end();) {
    if (now - entry->second < k_grace) {
      ++entry;
      continue;
    }
    if (!exists(*transport.make_topic_admin(timeout), entry->first)) {
      throw Error(ErrorCode::not_found,
                  fmt::format("topic {} was deleted while it was read", entry->first.get()));
    }
    entry = m_since.erase(entry);
  }
}

void ensure_topics(transport::Transport& transport, std::span<const std::string> topics, MakeTopics make,
                   Milliseconds timeout) {
  const auto admin = transport.make_topic_admin(timeout);
  for (const std::string& name : topics) {
    if (name.starts_with('^')) continue;
    check_topic_name(name);
    const TopicName topic{name};
    if (transport.kind() != transport::TransportKind::kafka || exists(*admin, topic)) continue;
    if (make == MakeTopics::yes && is_own_topic(name)) {
      make_topic(transport, transport::default_spec(topic), timeout);
      continue;
    }
    throw Error(ErrorCode::not_found,
                fmt::format("topic {} does not exist; create it with: kbeat topics create {} --partitions 3",
                            name, name));
  }
}

void require_matches(transport::Transport& transport, std::span<const std::string> topics,
                     Milliseconds timeout) {
  const auto is_pattern = [](const std::string& name) { return name.starts_with('^'); };
  if (!std::all_of(topics.begin(), topics.end(), is_pattern)) return;
  const transport::ClusterInfo cluster = transport.make_topic_admin(timeout)->cluster();
  for (const std::string& text : topics) {
    const filter::Pattern pattern("topic pattern", text);
    const auto fits = [&](const transport::TopicInfo& each) { return pattern.found_in(each.topic.get()); };
    if (std::any_of(cluster.topics.begin(), cluster.topics.end(), fits)) return;
  }
  throw Error(ErrorCode::not_found, "no topic matches the pattern");
}

}  // namespace kbeat::pipeline
