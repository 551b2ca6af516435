// Polling, rebalances, positions and commits of a Kafka consumer.
#include "kbeat/transport/kafka/kafka_consumer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "kbeat/base/log.hpp"
#include "kbeat/transport/kafka/kafka_commit.hpp"
#include "kbeat/transport/kafka/kafka_errors.hpp"
#include "kbeat/transport/kafka/kafka_facts.hpp"
#include "kbeat/transport/kafka/kafka_metadata.hpp"
#include "kbeat/transport/kafka/kafka_partitions.hpp"
#include "kbeat/transport/kafka/offset_question.hpp"
#include "kbeat/transport/kafka/topic_pattern.hpp"

namespace kbeat::transport {
namespace {

constexpr std::size_t k_most_in_batch = 500;
constexpr Milliseconds k_close_limit{10'000};
constexpr Milliseconds k_look_up_limit{3000};
constexpr Milliseconds k_seek_limit{5000};
constexpr Milliseconds k_meeting_limit{1000};  // after which librdkafka looks by itself
constexpr Milliseconds k_hungry{2};            // without a record, while there were plenty just now

void check(rd_kafka_resp_err_t code, const char* doing) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw to_error(code, doing);
}

void check(ErrorHandle error, const char* doing) {
  if (error) throw to_error(*error, doing);
}

/// The subscription that an error is about, which names it only in its text,
/// "Subscribed topic not available: NAME: WHY".
std::optional<std::string> named_in(const std::set<std::string>& subscribed, std::string_view reason) {
  const auto named = [&](const std::string& name) {
    return reason.find(fmt::format(": {}: ", name)) != std::string_view::npos;
  };
  const auto found = std::find_if(subscribed.begin(), subscribed.end(), named);
  return found == subscribed.end() ? std::nullopt : std::optional(*found);
}

}  // namespace

KafkaConsumer::KafkaConsumer(const ClientParts& parts, const ConsumerOptions& options)
    : m_client(std::make_shared<KafkaClient>(RD_KAFKA_CONSUMER, parts)),
      m_in_group(options.group.has_value()) {
  if (m_in_group) subscribe(options.topics);
}

KafkaConsumer::~KafkaConsumer() {
  close();
}

void KafkaConsumer::subscribe(const std::vector<std::string>& topics) {
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
  for (const std::string& topic : topics) {
    const bool pattern = topic.starts_with('^');
    if (!pattern) check_topic_name(topic);
    const std::string name = pattern ? posix_pattern(topic) : topic;
    (pattern ? m_patterns : m_topics).insert(name);
    rd_kafka_topic_partition_list_add(list.get(), name.c_str(), RD_KAFKA_PARTITION_UA);
  }
  check(rd_kafka_subscribe(m_client->get(), list.get()), "subscribing");
}

ConsumerEvent KafkaConsumer::poll(Milliseconds timeout) {
  const SteadyTime deadline = steady_now() + timeout;
  if (m_awaited == Answer::none) wake_silent();
  if (auto event = look_into_refused()) return std::move(*event);
  do {
    EventHandle event = m_held ? std::move(m_held) : next_event(deadline);
    if (!event) continue;
    if (auto told = take(std::move(event))) return std::move(*told);
  } while (steady_now() < deadline);
  return Idle{};
}

/// Before 2.2.0, librdkafka looks only once a second whether a queue that was full has room again. Whoever
/// reads faster than that is woken by a question to the leader, whose answer nobody waits for.
EventHandle KafkaConsumer::next_event(SteadyTime deadline) {
  const Milliseconds left = left_until(deadline);
  if (!m_well_fed || rd_kafka_version() >= k_rdkafka_2_2_0) return m_client->poll(left);
  EventHandle event = m_client->poll(std::min(left, k_hungry));
  if (event || left <= k_hungry) return event;
  const TopicPartition place = *std::exchange(m_well_fed, std::nullopt);
  static_cast<void>(ask_offsets(*m_client, {&place, 1}, RD_KAFKA_OFFSET_END, Milliseconds{1}));
  return m_client->poll(left_until(deadline));
}

std::optional<ConsumerEvent> KafkaConsumer::take(EventHandle event) {
  switch (rd_kafka_event_type(event.get())) {
    case RD_KAFKA_EVENT_FETCH: return gather(std::move(event));
    case RD_KAFKA_EVENT_REBALANCE: return on_rebalance(*event);
    case RD_KAFKA_EVENT_ERROR: return on_error(*event);
    default: static_cast<void>(m_client->absorb(*event)); return std::nullopt;
  }
}

std::optional<ConsumerEvent> KafkaConsumer::gather(EventHandle first) {
  m_client->note_success();
  // The last batch tells how busy the partition is.
  KafkaBatchBuilder batch(m_client, m_last_batch);
  batch.add(std::move(first), m_owned);
  while (batch.size() < k_most_in_batch) {
    EventHandle event = m_client->poll(Milliseconds{0});
    if (!event) break;
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_FETCH) {
      m_held = std::move(event);
      break;
    }
    batch.add(std::move(event), m_owned);
  }
  m_last_batch = batch.size();
  if (batch.size() == 0) return std::nullopt;
  RecordBatch records = batch.finish();
  if (m_last_batch == k_most_in_batch) {
    const RecordView& last = records.records().back();
    m_well_fed = TopicPartition{TopicName{std::string(last.topic)}, last.partition};
  }
  return records;
}

std::optional<ConsumerEvent> KafkaConsumer::on_rebalance(rd_kafka_event_t& event) {
  std::vector<TopicPartition> partitions = to_partitions(rd_kafka_event_topic_partition_list(&event));
  const auto code = rd_kafka_event_error(&event);
  if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    m_awaited = Answer::assign;
    // A member without a share has nothing to answer with.
    if (partitions.empty()) assign({});
    return Assigned{std::move(partitions)};
  }
  m_awaited = Answer::revoke;
  if (code == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
    const bool lost = rd_kafka_assignment_lost(m_client->get()) != 0;
    if (partitions.empty()) release({});
    return Revoked{std::move(partitions), lost};
  }
  release(partitions);
  return Problem{to_error(code, "sharing the group's partitions")};
}

std::optional<ConsumerEvent> KafkaConsumer::on_error(rd_kafka_event_t& event) {
  if (const PartitionHandle partition(rd_kafka_event_topic_partition(&event)); partition) {
    return on_partition_error(*partition, event);
  }
  const auto code = rd_kafka_event_error(&event);
  if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) {
    const char* text = rd_kafka_event_error_string(&event);
    const std::string_view reason = text != nullptr ? text : "";
    if (auto topic = named_in(m_topics, reason)) {
      m_client->note_topic_gone();
      return TopicGone{TopicName{*topic}};
    }
    // What a pattern matches may come yet.
    if (named_in(m_patterns, reason)) return std::nullopt;
  }
  // Without a group nobody asked for rights on the one that librdkafka insists on.
  if (code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED && !m_in_group) return std::nullopt;
  if (auto error = m_client->absorb(event)) return Problem{*error};
  return std::nullopt;
}

std::optional<ConsumerEvent> KafkaConsumer::on_partition_error(const rd_kafka_topic_partition_t& partition,
                                                               rd_kafka_event_t& event) {
  const Position place{to_partition(partition), Offset{partition.offset}};
  switch (rd_kafka_event_error(&event)) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      m_client->note_success();
      if (!m_owned.reach(place)) return std::nullopt;
      return EndReached{place.partition, place.next};
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      if (!m_owned.owns(place.partition)) return std::nullopt;
      m_refused.add(place.partition, steady_now());
      return look_into_refused();
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      m_client->note_topic_gone();
      return TopicGone{place.partition.topic};
    default:
      if (auto error = m_client->absorb(event)) return Problem{*error};
      return std::nullopt;
  }
}

std::optional<ConsumerEvent> KafkaConsumer::look_into_refused() {
  const std::optional<TopicPartition> partition = m_refused.due(steady_now());
  if (!partition) return std::nullopt;
  if (!m_owned.owns(*partition)) {
    m_refused.settle(*partition);
    return std::nullopt;
  }
  const Position place{*partition, m_owned.next(*partition)};  // it may have been given back and taken anew
  try {
    const Offset earliest =
        ask_offset(*m_client, place.partition, RD_KAFKA_OFFSET_BEGINNING, k_look_up_limit);
    const Offset latest = ask_offset(*m_client, place.partition, RD_KAFKA_OFFSET_END, k_look_up_limit);
    if (place.next > latest && may_be_electing(place.partition)) return std::nullopt;
    m_refused.settle(place.partition);
    if (place.next < earliest || place.next > latest)
      return OffsetGone{place.partition, place.next, earliest, latest};
  } catch (const Error& error) {
    return Problem{error};
  }
  // The record is there after all: the broker was asked at a bad moment.
  seek({&place, 1});
  return std::nullopt;
}

bool KafkaConsumer::may_be_electing(const TopicPartition& partition) {
  if (!m_refused.is_recent(partition, steady_now())) return false;
  const auto topic = fetch_topic(*m_client, partition.topic, k_look_up_limit);
  return topic && topic->is_replicated(partition.partition);
}

/// A partition that does not come though its log goes on is resumed, whatever librdkafka thinks that it is,
/// and sought to where it stands. What that delivers twice is passed over.
void KafkaConsumer::wake_silent() {
  for (const Position& position : m_silence.silent(m_owned, steady_now())) {
    const OffsetAnswers asked =
        ask_offsets(*m_client, {&position.partition, 1}, RD_KAFKA_OFFSET_END, k_look_up_limit);
    const auto& [error, latest] = asked.answers.front();
    // The broker is away, which is why nothing comes.
    if (asked.code != RD_KAFKA_RESP_ERR_NO_ERROR || error != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    if (position.next >= latest) continue;
    log_warning("{}: nothing came for {} s though the log goes on to {}; fetching again from {}",
                to_string(position.partition), SilenceWatch::k_patience.count(), latest.get(),
                position.next.get());
    const PartitionListHandle list = to_list(std::span<const Position>(&position, 1));
    check(rd_kafka_resume_partitions(m_client->get(), list.get()), "resuming");
    seek({&position, 1});
  }
}

bool KafkaConsumer::cooperative() const {
  const char* protocol = rd_kafka_rebalance_protocol(m_client->get());
  return protocol != nullptr && std::string_view(protocol) == "COOPERATIVE";
}

void KafkaConsumer::start(std::span<const Position> positions) {
  if (m_awaited == Answer::assign || !m_in_group) {
    assign(positions);
  } else {
    seek(positions);
  }
}

/// What is assigned while no broker is connected yet waits up to a second until librdkafka (2.0.2 at least)
/// looks again for its leaders. A question that any broker answers brings the connection up before.
void KafkaConsumer::meet_broker() {
  if (std::exchange(m_met_broker, true)) return;
  const struct rd_kafka_metadata* answer = nullptr;
  const auto code = rd_kafka_metadata(m_client->get(), 0, nullptr, &answer, to_int(k_meeting_limit));
  const MetadataHandle owner(answer);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) log_debug("no broker yet: {}", rd_kafka_err2str(code));
}

void KafkaConsumer::assign(std::span<const Position> positions) {
  const bool incremental = !m_in_group || cooperative();
  if (!m_in_group) {
    std::vector<TopicPartition> moved;
    for (const Position& position : positions) {
      if (m_owned.owns(position.partition)) moved.push_back(position.partition);
    }
    unassign(moved);
    meet_broker();
  } else if (!incremental) {
    m_owned.clear();
  }
  const PartitionListHandle list = to_list(positions);
  if (incremental) {
    check(ErrorHandle(rd_kafka_incremental_assign(m_client->get(), list.get())), "taking partitions");
  } else {
    check(rd_kafka_assign(m_client->get(), list.get()), "taking partitions");
  }
  m_owned.place(positions);
  m_awaited = Answer::none;
}

void KafkaConsumer::release(std::span<const TopicPartition> partitions) {
  if (m_in_group && m_awaited != Answer::revoke) return;
  unassign(partitions);
  m_awaited = Answer::none;
}

void KafkaConsumer::unassign(std::span<const TopicPartition> partitions) {
  // The mark of a pause outlives the assignment: whoever gets the partition back would not be fed.
  set_flow(partitions, Flow::running);
  if (m_in_group && !cooperative()) {
    m_owned.clear();
    check(rd_kafka_assign(m_client->get(), nullptr), "giving partitions back");
    return;
  }
  if (partitions.empty() && !m_in_group) return;
  m_owned.remove(partitions);
  const PartitionListHandle list = to_list(partitions);
  check(ErrorHandle(rd_kafka_incremental_unassign(m_client->get(), list.get())), "giving partitions back");
}

void KafkaConsumer::seek(std::span<const Position> positions) {
  std::vector<Position> owned;
  std::copy_if(positions.begin(), positions.end(), std::back_inserter(owned),
               [&](const Position& position) { return m_owned.owns(position.partition); });
  if (owned.empty()) return;
  m_owned.place(owned);
  const PartitionListHandle list = to_list(std::span<const Position>(owned));
  check(ErrorHandle(rd_kafka_seek_partitions(m_client->get(), list.get(), to_int(k_seek_limit))), "seeking");
  const auto refused = [](const rd_kafka_topic_partition_t& element) {
    return element.err != RD_KAFKA_RESP_ERR_NO_ERROR;
  };
  if (std::none_of(elements(list.get()).begin(), elements(list.get()).end(), refused)) return;
  // A partition that stopped at a bad offset is past seeking: only a new assignment sets it going.
  const PartitionListHandle all = to_list(std::span<const Position>(m_owned.positions()));
  if (m_in_group && !cooperative()) {
    check(rd_kafka_assign(m_client->get(), all.get()), "seeking");
    return;
  }
  check(ErrorHandle(rd_kafka_incremental_unassign(m_client->get(), list.get())), "seeking");
  check(ErrorHandle(rd_kafka_incremental_assign(m_client->get(), list.get())), "seeking");
}

void KafkaConsumer::set_flow(std::span<const TopicPartition> partitions, Flow flow) {
  const std::vector<TopicPartition> changed = m_owned.change_flow(partitions, flow);
  if (changed.empty()) return;
  const PartitionListHandle list = to_list(changed);
  if (flow == Flow::paused) {
    check(rd_kafka_pause_partitions(m_client->get(), list.get()), "pausing");
  } else {
    check(rd_kafka_resume_partitions(m_client->get(), list.get()), "resuming");
  }
}

void KafkaConsumer::commit(std::span<const CommittedPosition> positions, Milliseconds timeout) {
  if (!m_in_group) throw Error(ErrorCode::internal, "a consumer without a group has nowhere to commit to");
  for (const CommittedPosition& position : positions) {
    // The broker fences members, not partitions: it would take this commit.
    if (!m_owned.owns(position.partition)) {
      throw Error(ErrorCode::fenced,
                  fmt::format("committing the position of {} failed: this member does not have it",
                              to_string(position.partition)));
    }
  }
  if (!positions.empty()) commit_positions(*m_client, positions, timeout);
}

void KafkaConsumer::close() {
  m_held.reset();
  const ErrorHandle refused(rd_kafka_consumer_close_queue(m_client->get(), m_client->queue()));
  const SteadyTime deadline = steady_now() + k_close_limit;
  while (!refused && rd_kafka_consumer_closed(m_client->get()) == 0) {
    if (steady_now() > deadline) {
      log_warning("the group did not confirm that this consumer left within 10 s; its session will time out");
      return;
    }
    const EventHandle event = m_client->poll(Milliseconds{50});
    if (event && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE) {
      rd_kafka_assign(m_client->get(), nullptr);
    }
  }
}

}  // namespace kbeat::transport
