// Fetching in turns, ends, gaps and vanished topics.
#include "kbeat/transport/local/local_consumer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "kbeat/transport/local/range_assignment.hpp"
#include "kbeat/transport/topic_table.hpp"

namespace kbeat::transport::local {
namespace {

// Enough to hide the cost of a look-up, little enough to stay in the processor's cache.
constexpr std::size_t k_most_bytes_a_read = 1u << 20;
// Announcements may be lost with the process that should have made them: look around at least this often.
constexpr Milliseconds k_longest_wait{100};

}  // namespace

TopicState find_or_create(TopicLedger& topics, const TopicName& topic) {
  if (auto found = topics.find(topic)) return *found;
  check_topic_name(topic.get());
  try {
    topics.create(default_spec(topic));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::busy) throw;  // busy: another process made it meanwhile
  }
  if (auto found = topics.find(topic)) return *found;
  throw Error(ErrorCode::not_found, fmt::format("topic {} was deleted as soon as it was made", topic.get()));
}

LocalConsumer::LocalConsumer(std::unique_ptr<Ledger> ledger, const ConsumerOptions& options)
    : m_options(options), m_ledger(std::move(ledger)) {
  if (!options.group) return;
  check_subscription(options.topics);
  for (const std::string& topic : options.topics) {
    if (topic.starts_with('^')) continue;
    m_present.insert(find_or_create(m_ledger->topics(), TopicName{topic}).topic);
  }
  m_watched = m_ledger->changes().seen().control;
  m_membership.emplace(*m_ledger, options);
}

ConsumerEvent LocalConsumer::poll(Milliseconds timeout) {
  const SteadyTime deadline = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    const Changes seen = m_ledger->changes().seen();
    try {
      if (auto event = next_event(seen)) return std::move(*event);
    } catch (const Error& error) {
      return Problem{error};
    }
    const Milliseconds left = left_until(deadline);
    if (left == Milliseconds{0}) return Idle{};
    Milliseconds pause = std::min(left, k_longest_wait);
    if (m_membership) pause = std::min(pause, left_until(m_membership->due()));
    if (pause > Milliseconds{0}) wait(seen, pause);
  }
}

void LocalConsumer::wait(const Changes& seen, Milliseconds pause) {
  m_ledger->changes().wait(seen, pause);
  if (m_ledger->changes().seen() != seen) return;
  for (auto& [partition, reading] : m_readings) reading.idle_since.reset();
}

std::optional<ConsumerEvent> LocalConsumer::next_event(const Changes& seen) {
  watch_topics(seen);
  if (m_membership) m_membership->attend(m_events);
  if (!m_events.empty()) {
    ConsumerEvent event = std::move(m_events.front());
    m_events.pop_front();
    if (const auto* revoked = std::get_if<Revoked>(&event)) {
      for (const TopicPartition& partition : revoked->partitions) m_readings.erase(partition);
    }
    return event;
  }
  auto reading = m_readings.lower_bound(m_turn);
  for (std::size_t left = m_readings.size(); left > 0; --left, ++reading) {
    if (reading == m_readings.end()) reading = m_readings.begin();
    if (auto event = read(reading, seen)) return event;
  }
  return std::nullopt;
}

void LocalConsumer::watch_topics(const Changes& seen) {
  if (seen.control == m_watched) return;
  m_watched = seen.control;
  for (const std::string& name : m_options.topics) {
    const TopicName topic{name};
    if (m_ledger->topics().find(topic)) {
      m_present.insert(topic);
    } else if (m_present.erase(topic) > 0) {
      forget(topic);
      m_events.push_back(TopicGone{topic});
    }
  }
}

void LocalConsumer::forget(const TopicName& topic) {
  m_present.erase(topic);
  std::erase_if(m_readings, [&](const auto& entry) { return entry.first.topic == topic; });
}

std::optional<ConsumerEvent> LocalConsumer::read(Readings::iterator at, const Changes& seen) {
  const TopicPartition partition = at->first;
  Reading& reading = at->second;
  if (reading.flow == Flow::paused || reading.stands || reading.idle_since == seen.any) return std::nullopt;
  const std::size_t most_bytes = std::min(m_options.prefetch_bytes, k_most_bytes_a_read);
  const auto fetched = m_ledger->records().fetch(reading.key, reading.next, most_bytes);
  if (!fetched) {
    forget(partition.topic);
    return TopicGone{partition.topic};
  }
  if (reading.next < fetched->start || reading.next > fetched->next) {
    reading.stands = true;
    return OffsetGone{partition, reading.next, fetched->start, fetched->next};
  }
  if (fetched->batches.empty()) return at_end(reading, partition, fetched->next, seen);
  const auto following = std::next(at);
  m_turn = following == m_readings.end() ? m_readings.begin()->first : following->first;
  reading.stands = true;  // should the bytes be damaged
  RecordBatch batch = decode(fetched->batches, partition, reading.next);
  reading.stands = false;
  reading.next = Offset{fetched->batches.back().last.get() + 1};
  reading.end_told.reset();
  return batch;
}

std::optional<ConsumerEvent> LocalConsumer::at_end(Reading& reading, const TopicPartition& partition,
                                                   Offset end, const Changes& seen) {
  reading.next = end;
  reading.idle_since = seen.any;
  if (reading.end_told == end) return std::nullopt;
  reading.end_told = end;
  return EndReached{partition, end};
}

void LocalConsumer::start(std::span<const Position> positions) {
  for (const Position& position : positions) open(position);
}

void LocalConsumer::open(const Position& position) {
  const auto& [topic, partition] = position.partition;
  if (m_membership && !m_membership->owns(position.partition)) {
    throw Error(ErrorCode::fenced,
                fmt::format("{} is not this consumer's to read", to_string(position.partition)));
  }
  const std::optional<TopicState> state =
      m_membership ? m_ledger->topics().find(topic) : find_or_create(m_ledger->topics(), topic);
  if (!state) {
    if (!m_present.contains(topic)) return;
    forget(topic);
    m_events.push_back(TopicGone{topic});
    return;
  }
  const auto index = static_cast<std::size_t>(partition.get());
  if (partition.get() < 0 || index >= state->partitions.size()) {
    throw Error(ErrorCode::not_found, fmt::format("there is no {}: the topic has {} partitions",
                                                  to_string(position.partition), state->partitions.size()));
  }
  const auto known = m_readings.find(position.partition);
  const Flow flow = known == m_readings.end() ? Flow::running : known->second.flow;
  m_readings[position.partition] = {
      .key = state->partitions[index], .next = position.next, .flow = flow, .end_told = {}, .idle_since = {}};
}

void LocalConsumer::release(std::span<const TopicPartition> partitions) {
  for (const TopicPartition& partition : partitions) m_readings.erase(partition);
  if (m_membership) m_membership->release(partitions);
}

void LocalConsumer::set_flow(std::span<const TopicPartition> partitions, Flow flow) {
  for (const TopicPartition& partition : partitions) {
    const auto found = m_readings.find(partition);
    if (found == m_readings.end()) continue;
    found->second.flow = flow;
    found->second.idle_since.reset();
  }
}

void LocalConsumer::commit(std::span<const CommittedPosition> positions,
                           Milliseconds /*bounded by the ledger*/) {
  if (!m_membership) {
    throw Error(ErrorCode::internal,
                "only a member of a group commits positions: this consumer has no group");
  }
  m_membership->commit(positions);
}

}  // namespace kbeat::transport::local
