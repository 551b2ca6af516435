// A metered transport counts what is sent and read, and changes nothing about it.
#include "kbeat/transport/metered_transport.hpp"

#include <catch2/catch.hpp>

#include "kbeat/transport/memory/memory_transport.hpp"

using namespace kbeat;
using namespace kbeat::transport;

namespace {

struct Bench {
  std::unique_ptr<Transport> memory = memory::make_memory_transport();
  metrics::MetricRegistry registry;
  metrics::Families families{registry};
  std::unique_ptr<Transport> metered = make_metered_transport(*memory, families);

  Bench() { metered->make_topic_admin(Milliseconds{1000})->create({.topic = TopicName{"t"}}); }
};

}  // namespace

TEST_CASE("records sent are counted and timed, and keep the tags of their sender", "[transport][metrics]") {
  Bench bench;
  const auto producer = bench.metered->make_producer({});
  const Record record{.topic = TopicName{"t"}, .value = "v"};
  for (int i = 0; i < 3; ++i) REQUIRE(producer->send(RecordLoan(record).view(), 7) == Accepted::yes);
  std::vector<Delivery> reports;
  producer->flush(Milliseconds{1000}, reports);
  REQUIRE(reports.size() == 3);
  for (const Delivery& report : reports) CHECK(report.tag == 7);
  CHECK(bench.families.sent.value() == 3);
  CHECK(bench.families.failed.value() == 0);
  std::uint64_t timed = 0;
  for (std::size_t i = 0; i <= metrics::duration_bounds().size(); ++i)
    timed += bench.families.send_duration.bucket(i);
  CHECK(timed == 3);
}

TEST_CASE("records read are counted", "[transport][metrics]") {
  Bench bench;
  const auto producer = bench.memory->make_producer({});
  const Record record{.topic = TopicName{"t"}, .value = "v"};
  REQUIRE(producer->send(RecordLoan(record).view(), 0) == Accepted::yes);
  std::vector<Delivery> reports;
  producer->flush(Milliseconds{1000}, reports);
  const auto consumer = bench.metered->make_consumer({});
  const Position start{{TopicName{"t"}, Partition{0}}, Offset{0}};
  consumer->start(std::span(&start, 1));
  while (bench.families.consumed.value() == 0) {
    const ConsumerEvent event = consumer->poll(Milliseconds{1000});
    REQUIRE_FALSE(std::holds_alternative<Idle>(event));
  }
  CHECK(bench.families.consumed.value() == 1);
}
