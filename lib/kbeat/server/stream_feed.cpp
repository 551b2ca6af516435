// Reads the topics for all live clients, through every absence of the broker.
#include "kbeat/server/stream_feed.hpp"

#include <fmt/format.h>

#include <random>
#include <utility>

#include "kbeat/base/log.hpp"

namespace kbeat::server {
namespace {

constexpr Milliseconds k_poll{100};
/// A broken line in the log for each malformed record of a flood would be a flood of its own.
constexpr std::uint64_t k_malformed_logged = 10;

double random_share() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
}

}  // namespace

StreamFeed::StreamFeed(transport::Transport& transport, StreamHub& hub, FeedOptions options, Clock& clock)
    : m_transport(transport), m_hub(hub), m_options(std::move(options)), m_clock(clock) {
  m_thread = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
}

StreamFeed::~StreamFeed() {
  stop();
}

void StreamFeed::stop() {
  m_thread.request_stop();
  if (m_thread.joinable()) m_thread.join();
}

void StreamFeed::run(std::stop_token stop) {
  std::uint64_t failures = 0;
  while (!stop.stop_requested()) {
    try {
      connect();
      failures = 0;
      read(stop);
    } catch (const Error& error) {
      lose(error.what());
      const Milliseconds pause = backoff_delay(m_options.backoff, ++failures, random_share());
      log_warning("stream: {}; trying again in {}", error.what(), seconds_text(pause));
      m_clock.wait(pause, stop);
    }
  }
  m_consumer.reset();
}

void StreamFeed::connect() {
  m_consumer = m_transport.make_consumer({.client_id = m_options.client_id, .group = {}, .topics = {}});
  std::vector<Position> known;
  for (const auto& [partition, next] : m_trail.positions()) known.push_back({partition, next});
  find_partitions(m_options.start);
  if (!known.empty()) m_consumer->start(known);
  m_connected = true;
  log_info("stream: reading {} partitions", m_slots.size());
}

/// A partition that appears later is read from its beginning: nothing of it was offered to anybody yet.
void StreamFeed::find_partitions(FeedStart start_of_new) {
  const auto topics = m_transport.make_topic_admin(m_options.timeout);
  const auto offsets = m_transport.make_offset_admin(m_options.timeout);
  std::vector<TopicPartition> fresh;
  for (const std::string& topic : m_options.topics) {
    for (const auto& partition : topics->topic(TopicName{topic}).partitions) {
      const TopicPartition name{TopicName{topic}, partition.partition};
      if (!m_slots.contains(name)) fresh.push_back(name);
    }
  }
  m_looked = m_clock.steady();
  if (fresh.empty()) return;
  using transport::LogEnd;
  const LogEnd end = start_of_new == FeedStart::latest ? LogEnd::last_stable : LogEnd::earliest;
  const std::vector<Offset> starts = offsets->offsets(fresh, end);
  std::vector<Position> positions;
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    const std::size_t slot = m_slots.size();
    m_slots.emplace(fresh[i], slot);
    m_trail.set(fresh[i], starts[i]);
    m_hub.begin(slot, fresh[i], starts[i]);
    positions.push_back({fresh[i], starts[i]});
  }
  m_consumer->start(positions);
}

void StreamFeed::read(std::stop_token stop) {
  while (!stop.stop_requested()) {
    take(m_consumer->poll(k_poll), stop);
    if (m_clock.steady() - m_looked < m_options.look_for_partitions) continue;
    m_looked = m_clock.steady();
    if (m_connected) find_partitions(FeedStart::earliest);
  }
}

void StreamFeed::take(const transport::ConsumerEvent& event, std::stop_token stop) {
  if (const auto* batch = std::get_if<RecordBatch>(&event)) {
    m_connected = true;
    publish(*batch, std::move(stop));
  } else if (const auto* gone = std::get_if<transport::OffsetGone>(&event)) {
    cross_gap(*gone);
  } else if (const auto* topic = std::get_if<transport::TopicGone>(&event)) {
    throw Error(ErrorCode::not_found, fmt::format("topic {} does not exist any more", topic->topic.get()));
  } else if (const auto* problem = std::get_if<transport::Problem>(&event)) {
    if (!problem->error.retryable()) throw problem->error;
    lose(problem->error.what());
  } else if (std::holds_alternative<transport::EndReached>(event)) {
    m_connected = true;
  }
}

void StreamFeed::publish(const RecordBatch& batch, std::stop_token stop) {
  const WantedForms wanted = m_hub.wanted();
  std::vector<std::shared_ptr<const LiveRecord>> records;
  records.reserve(batch.records().size());
  for (const RecordView& record : batch.records()) {
    const std::size_t slot = m_slots.at({TopicName{std::string(record.topic)}, record.partition});
    auto made = m_framer.make({record, batch.keep(), slot}, wanted, m_trail);
    if (made->malformed && ++m_malformed <= k_malformed_logged) {
      log_warning("stream: {}[{}] at {} is not JSON: skipped", record.topic, record.partition.get(),
                  record.offset.get());
    }
    records.push_back(std::move(made));
  }
  m_hub.publish(records, std::move(stop));
}

void StreamFeed::cross_gap(const transport::OffsetGone& gone) {
  const Offset next = gone.wanted < gone.earliest ? gone.earliest : gone.latest;
  log_warning("stream: {}: records {} to {} are gone; going on at {}", to_string(gone.partition),
              gone.wanted.get(), gone.earliest.get(), next.get());
  m_trail.set(gone.partition, next);
  m_hub.begin(m_slots.at(gone.partition), gone.partition, next);
  m_consumer->start(std::vector<Position>{{gone.partition, next}});
}

void StreamFeed::lose(const std::string& reason) {
  if (m_connected.exchange(false)) log_warning("stream: lost the broker: {}", reason);
}

}  // namespace kbeat::server
