// The embedded log on a disk that loses power.
#include <atomic>
#include <catch2/catch.hpp>
#include <iostream>

#include "kbeat/transport/log/open_log.hpp"
#include "support/chance.hpp"
#include "support/crash_disk.hpp"
#include "support/temp_dir.hpp"

namespace kbeat::transport {
namespace {

using test::Chance;
using test::CrashDisk;
using test::TempDir;

struct Loss {
  test::DiskImage image;
  int acknowledged = 0;
};

constexpr int k_records = 20;  ///< sent at once

void send(Transport& transport, int from) {
  const auto producer = transport.make_producer({});
  std::vector<Delivery> reports;
  for (int i = from; i < from + k_records; ++i) {
    const Record record{.topic = TopicName{"t"}, .partition = Partition{0}, .value = std::to_string(i)};
    const RecordLoan loan(record);
    REQUIRE(producer->send(loan.view(), 0) == Accepted::yes);
  }
  producer->flush(Milliseconds{10'000}, reports);
  REQUIRE(reports.size() == k_records);
  for (const Delivery& report : reports) REQUIRE_FALSE(report.error);
}

/// The numbers that lie in the topic follow each other from 0 on; returns how many there are.
int count_in(Transport& transport) {
  const auto consumer = transport.make_consumer({});
  const Position first{{TopicName{"t"}, Partition{0}}, Offset{0}};
  consumer->start({&first, 1});
  int count = 0;
  for (;;) {
    const ConsumerEvent event = consumer->poll(Milliseconds{5'000});
    if (std::holds_alternative<EndReached>(event)) return count;
    REQUIRE(std::holds_alternative<RecordBatch>(event));
    for (const RecordView& record : std::get<RecordBatch>(event).records()) {
      REQUIRE(*record.value == std::to_string(count));
      ++count;
    }
  }
}

void check(const Loss& loss) {
  const TempDir dir;
  test::lay_out(loss.image, dir.path());
  const auto transport = open_embedded_log(dir.path());
  if (loss.acknowledged > 0) CHECK(count_in(*transport) >= loss.acknowledged);
}

}  // namespace

TEST_CASE("F11: whatever a power loss leaves of the log has every acknowledged record", "[log][power]") {
  Chance chance;
  const std::size_t wanted = chance.rounds(100, 5000);
  for (std::size_t seen = 0; seen < wanted;) {
    const TempDir dir;
    std::vector<Loss> losses;
    CrashDisk disk(dir.path());
    std::atomic<int> acknowledged{0};
    disk.before_call = [&](CrashDisk::Call) {
      if (chance.engine() % 16 == 0)
        losses.push_back({disk.after_power_loss(chance.engine), acknowledged.load()});
    };
    {
      const auto transport = open_embedded_log(dir.path());
      for (int round = 0; round < 10; ++round) {
        send(*transport, acknowledged);
        acknowledged += k_records;
      }
    }
    for (const Loss& loss : losses) check(loss);
    seen += losses.size();
    if (seen >= wanted) std::clog << seen << " power losses of a log\n";
  }
}

TEST_CASE("F11: a log that was just being made when the power failed is made by the next start",
          "[log][power]") {
  Chance chance;
  std::vector<Loss> losses;
  {
    const TempDir dir;
    CrashDisk disk(dir.path());
    disk.before_call = [&](CrashDisk::Call) {
      for (int times = 0; times < 5; ++times) losses.push_back({disk.after_power_loss(chance.engine), 0});
    };
    const auto transport = open_embedded_log(dir.path());
  }
  CHECK(losses.size() > 50);
  for (const Loss& loss : losses) {
    const TempDir dir;
    test::lay_out(loss.image, dir.path());
    const auto transport = open_embedded_log(dir.path());
    send(*transport, 0);
    CHECK(count_in(*transport) == k_records);
  }
}

}  // namespace kbeat::transport
