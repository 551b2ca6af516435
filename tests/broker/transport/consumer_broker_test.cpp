// What a Kafka consumer does that no other transport has to: prefetching, missing topics, batches that stay.
#include <catch2/catch.hpp>
#include <set>

#include "broker/transport/client_desk.hpp"

using namespace kbeat;
using namespace kbeat::broker;

namespace {

std::vector<Record> numbered(const TopicName& topic, int count) {
  std::vector<Record> records;
  for (int i = 0; i < count; ++i) records.push_back(record_of(topic, std::to_string(i)));
  return records;
}

}  // namespace

TEST_CASE("pausing in the middle of prefetched records neither skips nor repeats one", "[broker][consumer]") {
  constexpr int k_records = 40'000;
  KafkaTransport kafka = client();
  const TopicName topic = make_topic(kafka);
  for (const Delivery& report : send_all(*kafka.make_producer({}), numbered(topic, k_records))) {
    REQUIRE_FALSE(report.error.has_value());
  }
  const auto consumer = kafka.make_consumer({});
  const Position begin{{topic, Partition{0}}, Offset{0}};
  consumer->start({&begin, 1});
  std::int64_t next = 0;
  int batches = 0;
  poll_until(*consumer, [&](const ConsumerEvent& event) {
    if (const auto* batch = std::get_if<RecordBatch>(&event)) {
      for (const RecordView& record : batch->records()) {
        REQUIRE(record.offset.get() == next);
        REQUIRE(*record.value == std::to_string(next));
        ++next;
      }
      if (++batches % 5 == 0) {
        consumer->set_flow({&begin.partition, 1}, Flow::paused);
        consumer->set_flow({&begin.partition, 1}, Flow::running);
      }
    }
    return next == k_records;
  });
  CHECK(batches >= 10);
}

TEST_CASE("a batch outlives its consumer", "[broker][consumer]") {
  KafkaTransport kafka = client();
  const TopicName topic = make_topic(kafka);
  static_cast<void>(send_all(*kafka.make_producer({}), numbered(topic, 3)));
  auto consumer = kafka.make_consumer({});
  const Position begin{{topic, Partition{0}}, Offset{0}};
  consumer->start({&begin, 1});
  RecordBatch kept;
  while (kept.empty()) {
    ConsumerEvent event = consumer->poll(Milliseconds{100});
    if (auto* batch = std::get_if<RecordBatch>(&event)) kept = std::move(*batch);
  }
  consumer.reset();
  CHECK(*kept.records().front().value == "0");
  CHECK(kept.records().front().topic == topic.get());
}

TEST_CASE("a subscribed topic that does not exist is named, and read once it is there",
          "[broker][consumer]") {
  KafkaTransport kafka = client();
  const TopicName topic{make_topic(kafka).get() + ".later"};
  ConsumerOptions options;
  options.group = GroupId{topic.get()};
  options.topics = {topic.get()};
  const auto consumer = kafka.make_consumer(options);
  poll_until(*consumer, [&](const ConsumerEvent& event) {
    const auto* gone = std::get_if<TopicGone>(&event);
    return gone != nullptr && gone->topic == topic;
  });
  kafka.make_topic_admin(Milliseconds{10'000})
      ->create({.topic = topic, .partitions = 1, .replication = -1, .config = {}});
  poll_until(*consumer, [&](const ConsumerEvent& event) {
    const auto* assigned = std::get_if<Assigned>(&event);
    return assigned != nullptr && !assigned->partitions.empty();
  });
}

TEST_CASE("two members share a topic, and one of them takes over when the other leaves",
          "[broker][consumer]") {
  KafkaTransport kafka = client();
  const TopicName topic = make_topic(kafka, 4);
  ConsumerOptions options;
  options.group = GroupId{topic.get()};
  options.topics = {topic.get()};
  struct Member {
    std::unique_ptr<Consumer> consumer;
    std::set<TopicPartition> owned;
    void poll() {
      ConsumerEvent event = consumer->poll(Milliseconds{20});
      if (const auto* assigned = std::get_if<Assigned>(&event)) {
        std::vector<Position> positions;
        for (const TopicPartition& partition : assigned->partitions)
          positions.push_back({partition, Offset{0}});
        consumer->start(positions);
        owned = {assigned->partitions.begin(), assigned->partitions.end()};
      }
      if (const auto* revoked = std::get_if<Revoked>(&event)) {
        consumer->release(revoked->partitions);
        owned.clear();
      }
    }
  };
  Member first{kafka.make_consumer(options), {}};
  Member second{kafka.make_consumer(options), {}};
  const auto deadline = std::chrono::steady_clock::now() + Milliseconds{30'000};
  while (first.owned.size() != 2 || second.owned.size() != 2) {
    first.poll();
    second.poll();
    REQUIRE(std::chrono::steady_clock::now() < deadline);
  }
  second.consumer.reset();
  while (first.owned.size() != 4) {
    first.poll();
    REQUIRE(std::chrono::steady_clock::now() < deadline);
  }
}
