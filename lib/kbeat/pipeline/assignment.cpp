// Claims, first starts, resets by others, gaps and topics made anew.
#include "kbeat/pipeline/assignment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "kbeat/base/log.hpp"
#include "kbeat/model/names.hpp"
#include "kbeat/pipeline/log_end.hpp"
#include "kbeat/pipeline/record_mark.hpp"
#include "kbeat/pipeline/record_reader.hpp"

namespace kbeat::pipeline {

using transport::CommittedPosition;
using transport::LogEnd;

namespace {

std::string another_record(const store::StoredPosition& position) {
  return fmt::format(
      "{}: offset {} holds another record than the one handled before: the topic was made anew",
      to_string(position.partition), position.mark->offset.get());
}

std::set<TopicName> topics_of(std::span<const TopicPartition> partitions) {
  std::set<TopicName> topics;
  for (const TopicPartition& partition : partitions) topics.insert(partition.topic);
  return topics;
}

}  // namespace

Takeover::Takeover(transport::Transport& transport, store::PositionStore& positions,
                   const TakeoverOptions& options, Clock& clock)
    : m_transport(transport),
      m_positions(positions),
      m_options(options),
      m_clock(clock),
      m_store_id(positions.store_id()) {}

CommittedPosition Takeover::as_commit(const TopicPartition& partition, Offset next, std::int64_t generation) {
  return {.partition = partition, .next = next, .metadata = to_metadata({m_store_id, generation})};
}

Takeover::Result Takeover::take(std::span<const TopicPartition> partitions) {
  const auto admin = m_transport.make_offset_admin(m_options.timeout);
  refuse_other_cluster(partitions);
  if (!std::holds_alternative<FromEarliest>(m_options.policy)) begin_new_topics(*admin, partitions);
  const std::vector<CommittedPosition> committed = admin->committed(m_options.scope.group, partitions);
  std::vector<LogRange> log_ranges = ranges(partitions);
  Result result;
  std::vector<StartReason> reasons;
  result.positions = m_positions.claim(m_options.scope, partitions, m_options.owner, true);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const auto found = std::find_if(committed.begin(), committed.end(), [&](const CommittedPosition& each) {
      return each.partition == partitions[i];
    });
    const auto own = found == committed.end() ? std::nullopt : std::optional<CommittedPosition>(*found);
    reasons.push_back(decide(result.positions[i], own, log_ranges[i]));
  }
  check_marks(result.positions, log_ranges, reasons);
  for (const store::StoredPosition& position : result.positions) {
    result.to_commit.push_back(as_commit(position.partition, *position.next, position.generation));
  }
  return result;
}

std::vector<Takeover::LogRange> Takeover::ranges(std::span<const TopicPartition> partitions) {
  const auto admin = m_transport.make_offset_admin(m_options.timeout);
  const std::vector<Offset> earliest = admin->offsets(partitions, LogEnd::earliest);
  const std::vector<Offset> latest = admin->offsets(partitions, LogEnd::latest);
  std::vector<LogRange> found;
  for (std::size_t i = 0; i < partitions.size(); ++i) found.push_back({earliest[i], latest[i]});
  return found;
}

/// A log that was made anew as a whole, or other brokers than were meant: whatever the group has handled, it
/// was not these records. A group that moves from the embedded log to Kafka begins there, and so the other
/// way round.
void Takeover::refuse_other_cluster(std::span<const TopicPartition> partitions) {
  const std::string& own = m_options.scope.cluster;
  for (const TopicName& topic : topics_of(partitions)) {
    const std::vector<std::string> clusters = m_positions.clusters_of(m_options.scope.group, topic);
    if (std::find(clusters.begin(), clusters.end(), own) != clusters.end()) continue;
    const auto other = std::find_if(clusters.begin(), clusters.end(), [&own](const std::string& each) {
      return each.starts_with(names::k_embedded_cluster) == own.starts_with(names::k_embedded_cluster);
    });
    if (other == clusters.end()) continue;
    const std::string what = fmt::format(
        "{}: the store has group {}'s positions in cluster {}, and this is cluster {}: it was made anew, or "
        "other brokers are named than before",
        topic.get(), m_options.scope.group.get(), *other, own);
    if (m_options.on_gap == OnGap::fail)
      throw Error(ErrorCode::data_gap, what + "; start with --on-gap skip to begin anew in this one");
    log_warning("{}; beginning anew", what);
  }
}

StartReason Takeover::decide(store::StoredPosition& position,
                             const std::optional<CommittedPosition>& committed, LogRange& range) {
  const StartDecision decision = decide_start(position, committed, m_store_id, m_clock.now());
  report(position, decision);
  if (decision.reason != StartReason::stored && decision.reason != StartReason::store_rolled_back) {
    const bool first = decision.reason == StartReason::first_start;
    position.next = first ? range.earliest : *decision.next;
    position.generation = decision.generation;
    position.finished.clear();
    if (first) position.incarnation = incarnation_of_marks(position.partition);
    m_positions.set(m_options.scope, position,
                    first ? store::PositionChange::first_start : store::PositionChange::reset);
  }
  check_range(position, range);
  return decision.reason;
}

/// Marks of events without an id name the topic's incarnation.
std::int64_t Takeover::incarnation_of_marks(const TopicPartition& partition) {
  if (!m_options.marks_of) return 0;
  for (const store::StoredPosition& each : m_positions.read({m_options.scope.cluster, *m_options.marks_of})) {
    if (each.partition == partition) return each.incarnation;
  }
  return 0;
}

/// A policy other than earliest counts for topics that the group never had, and then for all their partitions
/// at once, whoever gets which: one that has no position later was added later, and starts at its beginning.
void Takeover::begin_new_topics(transport::OffsetAdmin& admin, std::span<const TopicPartition> partitions) {
  for (const TopicName& topic : topics_of(partitions)) {
    const auto clusters = m_positions.clusters_of(m_options.scope.group, topic);
    const bool known = std::find(clusters.begin(), clusters.end(), m_options.scope.cluster) != clusters.end();
    if (!known) begin_topic(admin, topic);
  }
}

void Takeover::begin_topic(transport::OffsetAdmin& admin, const TopicName& topic) {
  const auto info = m_transport.make_topic_admin(m_options.timeout)->topic(topic);
  std::vector<TopicPartition> all;
  for (const auto& each : info.partitions) all.push_back({topic, each.partition});
  const bool other_host_has_it = !admin.committed(m_options.scope.group, all).empty();
  if (other_host_has_it) return;
  const WallTime* time = std::get_if<WallTime>(&m_options.policy);
  const std::vector<Offset> offsets =
      time != nullptr ? admin.offsets_at(all, *time) : admin.offsets(all, LogEnd::last_stable);
  std::vector<Position> starts;
  for (std::size_t i = 0; i < all.size(); ++i) starts.push_back({all[i], offsets[i]});
  m_positions.foresee(m_options.scope, starts);
}

void Takeover::report(const store::StoredPosition& position, const StartDecision& decision) const {
  const std::string place = to_string(position.partition);
  switch (decision.reason) {
    case StartReason::reset_elsewhere:
      log_warning("{}: another tool moved group {} from offset {} to {}; going on from there", place,
                  m_options.scope.group.get(), position.next->get(), decision.next->get());
      break;
    case StartReason::store_rolled_back:
      log_warning(
          "{}: the store is older than its own commit on the broker (restored from a copy?); going on from "
          "the store's offset {}",
          place, position.next->get());
      break;
    case StartReason::broker_newer:
      log_info("{}: going on from the broker's offset {}", place, decision.next->get());
      break;
    case StartReason::first_start:
    case StartReason::stored: break;
  }
}

void Takeover::check_range(store::StoredPosition& position, LogRange& range) {
  range.latest = end_after_election(m_transport, {position.partition, *position.next}, range.latest,
                                    m_options.timeout, m_clock);
  if (*position.next >= range.earliest && *position.next <= range.latest) return;
  const bool nothing_handled_yet = !position.mark || position.mark->offset >= *position.next;
  if (nothing_handled_yet && *position.next < range.earliest) {
    position.next = range.earliest;
    m_positions.set(m_options.scope, position, store::PositionChange::advance);
    return;
  }
  skip_gap(position, *position.next, range.earliest, range.latest);
}

void Takeover::skip_gap(store::StoredPosition& position, Offset wanted, Offset earliest, Offset latest) {
  const std::string place = to_string(position.partition);
  const bool truncated = wanted > latest;
  const std::string what =
      truncated ? fmt::format("{}: offset {} lies past the log's end {}: the topic was made anew or cut",
                              place, wanted.get(), latest.get())
                : fmt::format("{}: offsets {} to {} are gone: the log begins at {}", place, wanted.get(),
                              earliest.get() - 1, earliest.get());
  if (m_options.on_gap == OnGap::fail) {
    throw Error(ErrorCode::data_gap, what + "; start with --on-gap skip to go on without them");
  }
  log_warning("{}; skipped", what);
  position.next = earliest;
  position.incarnation += truncated ? 1 : 0;
  position.generation = new_generation(position.generation, m_clock.now());
  position.mark.reset();
  position.finished.clear();
  m_positions.set(m_options.scope, position,
                  truncated ? store::PositionChange::topic_made_anew : store::PositionChange::gap_skipped);
}

void Takeover::check_marks(std::span<store::StoredPosition> positions, std::span<const LogRange> ranges,
                           std::span<const StartReason> reasons) {
  std::vector<Position> places;
  std::vector<std::size_t> checked;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const auto& mark = positions[i].mark;
    if (!mark || mark->offset < ranges[i].earliest) continue;
    places.push_back({positions[i].partition, mark->offset});
    checked.push_back(i);
  }
  const auto records = read_records_at(m_transport, places, m_options.timeout);
  for (std::size_t k = 0; k < checked.size(); ++k) {
    const std::size_t i = checked[k];
    store::StoredPosition& position = positions[i];
    const bool log_is_shorter = position.mark->offset >= ranges[i].latest;
    if (!records[k] && !log_is_shorter) {
      log_warning(
          "{}: the last handled record, offset {}, is no longer in the log; whether the topic was made anew "
          "cannot be told",
          to_string(position.partition), position.mark->offset.get());
      continue;
    }
    if (records[k] && mark_of(RecordLoan(*records[k]).view()) == *position.mark) continue;
    begin_anew(position, ranges[i], reasons[i]);
  }
}

/// Whoever moved the position, or went on from there, has seen to it that the new topic is read from the
/// right place. Otherwise records are missed.
void Takeover::begin_anew(store::StoredPosition& position, const LogRange& range, StartReason reason) {
  const std::string what = another_record(position);
  const bool was_seen_to = reason == StartReason::reset_elsewhere || reason == StartReason::broker_newer;
  if (!was_seen_to && m_options.on_gap == OnGap::fail)
    throw Error(ErrorCode::data_gap, what + "; start with --on-gap skip to begin at its start");
  log_warning("{}; {}", what,
              was_seen_to ? "going on from where the group was moved to" : "beginning at its start");
  if (!was_seen_to) position.next = range.earliest;
  ++position.incarnation;
  position.generation = new_generation(position.generation, m_clock.now());
  position.mark.reset();
  position.finished.clear();
  m_positions.set(m_options.scope, position, store::PositionChange::topic_made_anew);
}

void Takeover::check_unchanged(std::span<const store::StoredPosition> positions) {
  std::vector<Position> places;
  for (const store::StoredPosition& position : positions)
    places.push_back({position.partition, position.mark->offset});
  const auto records = read_records_at(m_transport, places, m_options.timeout);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (records[i] && mark_of(RecordLoan(*records[i]).view()) == *positions[i].mark) continue;
    throw Error(ErrorCode::data_gap,
                fmt::format("{} while it was read; start with --on-gap skip to begin at its start",
                            another_record(positions[i])));
  }
}

}  // namespace kbeat::pipeline
