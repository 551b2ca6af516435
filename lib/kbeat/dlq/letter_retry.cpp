// Which letters can be retried, and what is sent for them.
#include "kbeat/dlq/letter_retry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/model/names.hpp"

namespace kbeat::dlq {
namespace {

void set_header(std::vector<Header>& headers, std::string_view name, Bytes value) {
  std::erase_if(headers, [name](const Header& header) { return header.name == name; });
  headers.push_back({std::string(name), std::move(value)});
}

/// Where the event first came from, unless an earlier retry has said so already.
void set_origin(std::vector<Header>& headers, const SeenLetter& letter) {
  const auto origin = [&](std::string_view name, Bytes value) {
    if (find_header(std::span<const Header>(headers), name) == nullptr)
      set_header(headers, name, std::move(value));
  };
  origin(names::k_origin_topic, Bytes(letter.topic));
  if (letter.partition) origin(names::k_origin_partition, std::to_string(letter.partition->get()));
  if (letter.offset) origin(names::k_origin_offset, std::to_string(letter.offset->get()));
  if (letter.timestamp)
    origin(names::k_origin_timestamp, std::to_string(letter.timestamp->time_since_epoch().count()));
}

/// Runs of a replay, of `retry --here` and of a producer that found a bad line have groups of their own,
/// which nobody consumes by.
bool belongs_to_consumers(std::string_view group) {
  constexpr std::array<std::string_view, 3> k_runs{"replay:", "retry:", "produce:"};
  return !group.empty() && std::none_of(k_runs.begin(), k_runs.end(),
                                        [group](std::string_view run) { return group.starts_with(run); });
}

std::optional<Bytes> owned(const std::optional<std::string_view>& bytes) {
  return bytes ? std::optional<Bytes>(*bytes) : std::nullopt;
}

}  // namespace

Record retry_record(const SeenLetter& letter, const std::optional<TopicName>& to) {
  Record record{.topic = to.value_or(TopicName{std::string(letter.topic)}),
                .key = owned(letter.record.key),
                .value = owned(letter.value())};
  if (!to || to->get() == letter.topic) record.partition = letter.partition.value_or(Partition{-1});
  for (const HeaderView& header : original_headers(letter))
    record.headers.push_back({std::string(header.name), owned(header.value)});
  if (!letter.event_id.empty()) set_header(record.headers, names::k_event_id, Bytes(letter.event_id));
  set_header(record.headers, names::k_retry_of, letter.id);
  if (belongs_to_consumers(letter.group))
    set_header(record.headers, names::k_retry_group, Bytes(letter.group));
  set_header(record.headers, names::k_retry_root, letter.root.empty() ? letter.id : Bytes(letter.root));
  set_header(record.headers, names::k_retry_count, std::to_string(letter.replays + 1));
  set_origin(record.headers, letter);
  return record;
}

RetryDecider::RetryDecider(transport::Transport& transport, Milliseconds timeout, RetryOptions options)
    : m_transport(transport), m_timeout(timeout), m_options(std::move(options)) {}

RetryDecider::~RetryDecider() = default;

std::optional<std::string> RetryDecider::obstacle(const SeenLetter& letter) const {
  if (letter.kind == LetterKind::damaged) return "damaged";
  if (letter.spilled) return fmt::format("its value is kept by host {}: retry it there", letter.host);
  if (letter.state == LetterState::pending) return "not yet in its topic";
  if (letter.state == LetterState::retried || letter.state == LetterState::discarded)
    return fmt::format("{} already", pipeline::to_string(letter.state));
  if (!m_options.to && letter.topic.empty())
    return "origin not known: name one with --to, or the header that has it with --origin-header";
  return std::nullopt;
}

std::optional<int> RetryDecider::partitions_of(const TopicName& topic) {
  const auto known = m_partitions.find(topic.get());
  if (known != m_partitions.end()) return known->second;
  if (!m_admin) m_admin = m_transport.make_topic_admin(m_timeout);
  std::optional<int> partitions;
  try {
    check_topic_name(topic.get());
    partitions = static_cast<int>(m_admin->topic(topic).partitions.size());
  } catch (const Error& error) {
    if (m_options.to_other_cluster && error.retryable())
      throw Error(error.code(), fmt::format("the cluster that copies go to: {}", error.what()));
    if (error.code() != ErrorCode::not_found && error.code() != ErrorCode::usage) throw;
  }
  return m_partitions.emplace(topic.get(), partitions).first->second;
}

Verdict RetryDecider::operator()(const SeenLetter& letter) {
  if (auto reason = obstacle(letter)) return Left{std::move(*reason)};
  const bool chosen_from_archive = letter.state == LetterState::archived;
  if (letter.replays >= m_options.max_replays && !chosen_from_archive)
    return Decision{LetterState::archived, fmt::format("retried {} times already", letter.replays)};
  Record copy = retry_record(letter, m_options.to);
  const std::optional<int> partitions = m_options.sends ? partitions_of(copy.topic) : 1;
  if (!partitions) return Left{fmt::format("topic {} does not exist", copy.topic.get())};
  if (m_options.sends && copy.partition.get() >= *partitions) copy.partition = Partition{-1};
  if (m_options.edit) {
    try {
      std::optional<Bytes> value = m_options.edit(letter, copy.value);
      if (!value) return Left{"not edited"};
      copy.value = std::move(value);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::bad_input) throw;
      return Left{error.what()};
    }
  }
  return Decision{LetterState::retried, "retry", std::move(copy)};
}

}  // namespace kbeat::dlq
