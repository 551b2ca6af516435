// Joins committed positions with the ends of partitions.
#include "kbeat/pipeline/group_positions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::pipeline {
namespace {

std::vector<TopicPartition> partitions_of(transport::TopicAdmin& admin, std::span<const std::string> names) {
  std::vector<transport::TopicInfo> topics;
  if (names.empty()) topics = admin.cluster().topics;
  for (const std::string& name : names) {
    check_topic_name(name);
    topics.push_back(admin.topic(TopicName{name}));
  }
  std::vector<TopicPartition> all;
  for (const transport::TopicInfo& topic : topics) {
    for (const auto& partition : topic.partitions) all.push_back({topic.topic, partition.partition});
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = result.ec == std::errc{} && result.ptr == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

WallTime target_time(const std::string& text, WallTime now) {
  const bool is_date = text.size() > 4 && text[4] == '-';
  try {
    return is_date ? parse_rfc3339(text) : now - parse_duration(text);
  } catch (const Error&) {
    throw Error(
        ErrorCode::usage,
        fmt::format("--to \"{}\": give earliest, latest, an offset, a time such as 2026-01-31T09:00:00Z, "
                    "or a span of time back from now such as 2h",
                    escape_for_terminal(text, 80)));
  }
}

/// The words that -o takes as well.
bool is_one_of(const std::string& text, std::initializer_list<const char*> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::vector<TopicPartition> only_partitions(std::span<const GroupPosition> positions) {
  std::vector<TopicPartition> out;
  for (const GroupPosition& position : positions) out.push_back(position.partition);
  return out;
}

Offset clamped(const GroupPosition& position, std::int64_t offset) {
  return Offset{std::clamp(offset, position.earliest.get(), position.latest.get())};
}

std::vector<Offset> shifted(std::span<const GroupPosition> positions, std::int64_t shift) {
  std::vector<Offset> out;
  for (const GroupPosition& position : positions) {
    if (!position.committed) {
      throw Error(ErrorCode::usage,
                  fmt::format("--shift: the group has no position in {} to shift from; use --to",
                              to_string(position.partition)));
    }
    out.push_back(clamped(position, position.committed->get() + shift));
  }
  return out;
}

}  // namespace

std::vector<GroupPosition> group_positions(transport::TopicAdmin& topics, transport::OffsetAdmin& offsets,
                                           const GroupId& group, std::span<const std::string> names) {
  const std::vector<TopicPartition> all = partitions_of(topics, names);
  const auto committed = offsets.committed(group, all);
  std::vector<GroupPosition> out;
  for (const TopicPartition& partition : all) {
    const auto found = std::find_if(committed.begin(), committed.end(),
                                    [&](const auto& position) { return position.partition == partition; });
    const bool reads_topic = std::any_of(committed.begin(), committed.end(), [&](const auto& position) {
      return position.partition.topic == partition.topic;
    });
    if (!reads_topic && names.empty()) continue;
    GroupPosition& position = out.emplace_back(
        GroupPosition{.partition = partition, .committed = {}, .earliest = {}, .latest = {}});
    if (found != committed.end()) position.committed = found->next;
  }
  const std::vector<TopicPartition> kept = only_partitions(out);
  const auto earliest = offsets.offsets(kept, transport::LogEnd::earliest);
  const auto latest = offsets.offsets(kept, transport::LogEnd::latest);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].earliest = earliest[i];
    out[i].latest = latest[i];
  }
  return out;
}

std::vector<Offset> reset_offsets(std::span<const GroupPosition> positions, const ResetTarget& target,
                                  transport::OffsetAdmin& offsets, WallTime now) {
  if (target.to.empty() != target.shift.has_value()) {
    throw Error(ErrorCode::usage, "reset needs one of --to and --shift (see kbeat groups reset --help)");
  }
  if (target.shift) return shifted(positions, *target.shift);
  std::vector<Offset> out;
  const auto number = whole_number(target.to);
  if (number && *number < 0)
    throw Error(ErrorCode::usage, "--to: an offset is 0 or more; --shift moves back");
  const bool first = is_one_of(target.to, {"earliest", "beginning", "oldest", "start"});
  if (number || first || is_one_of(target.to, {"latest", "end", "newest"})) {
    for (const GroupPosition& position : positions) {
      out.push_back(number ? clamped(position, *number) : first ? position.earliest : position.latest);
    }
    return out;
  }
  return offsets.offsets_at(only_partitions(positions), target_time(target.to, now));
}

}  // namespace kbeat::pipeline
