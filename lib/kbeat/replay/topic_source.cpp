// Reads planned stretches by a consumer without a group.
#include "kbeat/replay/topic_source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/pipeline/record_mark.hpp"
#include "kbeat/reading/topic_choice.hpp"
#include "kbeat/replay/anew_check.hpp"

namespace kbeat::replay {
namespace {

using namespace transport;

constexpr std::size_t k_merge_budget = 64u << 20;

[[noreturn]] void gone(const TopicPartition& partition, Offset wanted, Offset earliest, Offset latest) {
  throw Error(ErrorCode::data_gap,
              fmt::format("{}: offset {} is not in the log, which has {} to {}{}", to_string(partition),
                          wanted.get(), earliest.get(), latest.get(),
                          wanted < earliest ? "; --on-gap skip begins where it does" : ""));
}

}  // namespace

TopicSource::TopicSource(Transport& transport, TopicSourceOptions options)
    : m_transport(transport), m_options(std::move(options)), m_progress(steady_now()) {
  plan();
}

void TopicSource::plan() {
  const auto topics = m_transport.make_topic_admin(m_options.timeout);
  const auto offsets = m_transport.make_offset_admin(m_options.timeout);
  std::vector<TopicPartition> partitions;
  std::vector<reading::Stretch> stretches;
  if (m_options.plan.empty()) {
    partitions = reading::choose_partitions(*topics, {m_options.topics, m_options.partitions});
    reading::check_there(partitions, m_options.partitions, "-p");
    reading::check_there(partitions, m_options.range.placed(), "-o");
    if (partitions.empty()) {
      throw Error(ErrorCode::not_found,
                  fmt::format("no topic matches {}", fmt::join(m_options.topics, ", ")));
    }
    const reading::Bound beginning{reading::BoundKind::earliest, 0};
    stretches = reading::resolve(m_options.range, beginning, partitions, *offsets);
  }
  for (const CursorPart& part : m_options.plan) {
    partitions.push_back(part.partition);
    stretches.push_back({part.next, part.end});
  }
  const std::vector<Offset> first = offsets->offsets(partitions, LogEnd::earliest);
  const std::vector<Offset> last = offsets->offsets(partitions, LogEnd::last_stable);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    check(stretches[i], partitions[i], first[i], last[i]);
    if (stretches[i].begin > last[i])
      check_undecided({partitions[i], stretches[i].begin}, first[i], *offsets);
  }
  m_planned = m_cursor;
}

void TopicSource::check(const reading::Stretch& wanted, const TopicPartition& partition, Offset first,
                        Offset last) {
  Offset begin = wanted.begin;
  if (wanted.end && begin > *wanted.end) {
    throw Error(ErrorCode::usage, fmt::format("{}: the range ends at {}, before it begins at {}",
                                              to_string(partition), wanted.end->get(), begin.get()));
  }
  if (begin < first && m_options.on_gap == OnGap::skip) {
    log_warning("{}: offsets {} to {} are gone", to_string(partition), begin.get(), first.get() - 1);
    begin = first;
  }
  if (begin < first) gone(partition, begin, first, last);
  const Offset end = std::min(wanted.end.value_or(last), last);
  m_cursor.push_back({partition, begin, std::max(begin, end)});
}

/// Behind the last stable offset there may be records, of transactions that are still open: nothing to
/// replay.
void TopicSource::check_undecided(const Position& begin, Offset first, OffsetAdmin& offsets) {
  const Offset end = offsets.offsets(std::vector{begin.partition}, LogEnd::latest).front();
  if (begin.next > end) gone(begin.partition, begin.next, first, end);
  log_warning("{}: what lies behind {} is in an open transaction: nothing of it is replayed",
              to_string(begin.partition), begin.next.get());
}

/// Goes on where the log begins by now.
void TopicSource::cross(const transport::OffsetGone& gap) {
  if (m_options.on_gap == OnGap::fail) gone(gap.partition, gap.wanted, gap.earliest, gap.latest);
  log_warning("{}: offsets {} to {} are gone", to_string(gap.partition), gap.wanted.get(),
              gap.earliest.get() - 1);
  reached(gap.partition, gap.earliest);
  const CursorPart* part = find(gap.partition.topic.get(), gap.partition.partition);
  if (part == nullptr || gap.earliest >= *part->end) return;
  const Position again{gap.partition, gap.earliest};
  m_consumer->start({&again, 1});
}

std::string TopicSource::description() const {
  std::string text = m_options.order == ReplayOrder::time ? "by time" : "by offset";
  for (const CursorPart& part : m_cursor) text += fmt::format(" {}", to_string(part.partition));
  const auto time = [&](const char* name, const std::optional<WallTime>& at) {
    if (at) text += fmt::format(" {} {}", name, at->time_since_epoch().count());
  };
  time("since", m_options.range.since);
  time("until", m_options.range.until);
  return text;
}

Cursor TopicSource::cursor_before(const RecordView& record) const {
  Cursor before = m_cursor;
  for (CursorPart& part : before) {
    if (part.partition.partition != record.partition || part.partition.topic.get() != record.topic) continue;
    part.next = record.offset;
    part.mark = m_mark_before;
  }
  return before;
}

void TopicSource::seek(const Cursor& cursor) {
  m_cursor = cursor;
  const auto anew = find_made_anew(m_transport, cursor, m_options.on_gap, m_options.timeout);
  for (std::size_t i = 0; i < m_cursor.size(); ++i) {
    if (anew.contains(m_cursor[i].partition.topic)) m_cursor[i] = m_planned[i];
  }
  m_current = 0;
  m_merged.clear();
  m_merge = reading::TimeMerge();
  m_consumer.reset();
}

bool TopicSource::at_end() const {
  return std::all_of(m_cursor.begin(), m_cursor.end(),
                     [](const CursorPart& part) { return part.next >= *part.end; });
}

void TopicSource::open() {
  m_consumer = m_transport.make_consumer({.client_id = "kbeat-replay", .group = std::nullopt, .topics = {}});
  m_progress = steady_now();
  if (m_options.order == ReplayOrder::offset) return start_next();
  std::vector<Position> starts;
  for (const CursorPart& part : m_cursor) {
    m_merge.add(part.partition);
    m_merged[part.partition] = part.next;
    if (part.next >= *part.end) {
      m_merge.at_end(part.partition);
    } else {
      starts.push_back({part.partition, part.next});
    }
  }
  if (!starts.empty()) m_consumer->start(starts);
}

/// In the order of offsets one partition is read at a time, so that the sequence is always the same.
void TopicSource::start_next() {
  while (m_current < m_cursor.size() && m_cursor[m_current].next >= *m_cursor[m_current].end) ++m_current;
  if (m_current == m_cursor.size()) return;
  const Position start{m_cursor[m_current].partition, m_cursor[m_current].next};
  m_consumer->start({&start, 1});
}

CursorPart* TopicSource::find(std::string_view topic, Partition partition) {
  if (m_current < m_cursor.size() && m_cursor[m_current].partition.partition == partition &&
      m_cursor[m_current].partition.topic.get() == topic) {
    return &m_cursor[m_current];
  }
  if (m_options.order == ReplayOrder::offset) return nullptr;
  const auto found = std::find_if(m_cursor.begin(), m_cursor.end(), [&](const CursorPart& part) {
    return part.partition.partition == partition && part.partition.topic.get() == topic;
  });
  return found == m_cursor.end() ? nullptr : &*found;
}

Turn TopicSource::turn(Milliseconds timeout, const Take& take) {
  if (at_end()) return Turn::end;
  if (!m_consumer) open();
  const ConsumerEvent event = m_consumer->poll(timeout);
  if (!std::holds_alternative<Idle>(event) && !std::holds_alternative<Problem>(event))
    m_progress = steady_now();
  if (const auto* batch = std::get_if<RecordBatch>(&event)) {
    m_options.order == ReplayOrder::time ? merge_batch(*batch) : take_batch(*batch, take);
  } else if (const auto* end = std::get_if<EndReached>(&event)) {
    reached(end->partition, end->next);
  } else if (const auto* lost = std::get_if<OffsetGone>(&event)) {
    cross(*lost);
  } else if (const auto* topic = std::get_if<TopicGone>(&event)) {
    throw Error(ErrorCode::not_found, fmt::format("topic {} does not exist any more", topic->topic.get()));
  } else if (const auto* problem = std::get_if<Problem>(&event)) {
    if (!problem->error.retryable()) throw Error(problem->error);
    log_warning("{}", problem->error.what());
  }
  if (m_options.order == ReplayOrder::time)
    m_merge.drain([&](const RecordView& record) { return hand_out(record, take); });
  if (steady_now() - m_progress > m_options.timeout) {
    throw Error(ErrorCode::timed_out, fmt::format("nothing came for {}", seconds_text(m_options.timeout)),
                Retryable::yes);
  }
  return at_end() ? Turn::end : Turn::more;
}

bool TopicSource::hand_out(const RecordView& record, const Take& take) {
  CursorPart* part = find(record.topic, record.partition);
  if (part == nullptr || record.offset < part->next || record.offset >= *part->end) return true;
  part->next = Offset{record.offset.get() + 1};
  if (m_keeps_marks) m_mark_before = std::exchange(part->mark, pipeline::mark_of(record));
  const bool goes_on = !m_options.range.holds(record) || take(record);
  m_progress = steady_now();  // whoever takes may wait
  return goes_on;
}

void TopicSource::take_batch(const RecordBatch& batch, const Take& take) {
  for (const RecordView& record : batch.records()) {
    CursorPart* part = find(record.topic, record.partition);
    if (part == nullptr) continue;
    if (record.offset >= *part->end) part->next = *part->end;
    if (!hand_out(record, take)) return;
    if (part->next >= *part->end) finish(*part);
  }
}

void TopicSource::merge_batch(const RecordBatch& batch) {
  m_merge.push(batch, [&](const RecordView& record) {
    const CursorPart* part = find(record.topic, record.partition);
    if (part == nullptr || record.offset >= *part->end) return false;
    m_merged[part->partition] = Offset{record.offset.get() + 1};
    return true;
  });
  for (const RecordView& record : batch.records()) {
    const CursorPart* part = find(record.topic, record.partition);
    if (part != nullptr && record.offset.get() + 1 >= part->end->get()) reached(part->partition, *part->end);
  }
  const auto crowding = m_merge.crowding(k_merge_budget);
  m_consumer->set_flow(crowding.crowded, Flow::paused);
  m_consumer->set_flow(crowding.free, Flow::running);
}

void TopicSource::reached(const TopicPartition& partition, Offset next) {
  CursorPart* part = find(partition.topic.get(), partition.partition);
  if (part == nullptr || next < *part->end) return;
  if (m_options.order == ReplayOrder::time) m_merge.at_end(partition);
  // What is left below the end is invisible, but records may still wait in the merge.
  const auto merged = m_merged.find(partition);
  if (merged == m_merged.end() || part->next >= merged->second) {
    part->next = *part->end;
    if (m_options.order == ReplayOrder::offset) finish(*part);
  } else {
    part->end = merged->second;
  }
}

void TopicSource::finish(CursorPart& part) {
  const TopicPartition done = part.partition;
  m_consumer->release({&done, 1});
  start_next();
}

}  // namespace kbeat::replay
