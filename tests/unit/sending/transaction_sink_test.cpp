// All records or none, told when it is known.
#include "kbeat/sending/transaction_sink.hpp"

#include <catch2/catch.hpp>

#include "kbeat/transport/memory/memory_transport.hpp"
#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::sending;

namespace {

constexpr Milliseconds k_wait{1000};

/// A topic of one partition and a sink into it.
struct Desk {
  Desk() { transport->make_topic_admin(k_wait)->create({.topic = TopicName{"t"}}); }

  std::int64_t stored() {
    const TopicPartition partition{TopicName{"t"}, Partition{0}};
    return transport->make_offset_admin(k_wait)
        ->offsets({&partition, 1}, transport::LogEnd::latest)
        .front()
        .get();
  }

  std::unique_ptr<transport::Transport> transport = transport::memory::make_memory_transport();
  std::vector<Settled> settled;
  TransactionSink sink{
      *transport, {.transactional_id = "id"}, [this](const Settled& each) { settled.push_back(each); }};
  RecordView record{.topic = "t", .partition = Partition{0}, .offset = Offset{-1}, .value = "v"};
};

}  // namespace

TEST_CASE("a transaction's records are told after the commit", "[sending]") {
  Desk desk;
  desk.sink.send(desk.record, 1);
  desk.sink.send(desk.record, 2);
  desk.sink.flush(k_wait);
  CHECK(desk.settled.empty());
  CHECK(desk.stored() == 0);
  desk.sink.finish(k_wait);
  REQUIRE(desk.settled.size() == 2);
  CHECK(desk.settled[1].tag == 2);
  CHECK(desk.stored() >= 2);
}

TEST_CASE("what is cut short is never seen", "[sending]") {
  Desk desk;
  desk.sink.send(desk.record, 1);
  desk.sink.cut_short(k_wait);
  desk.sink.finish(k_wait);
  REQUIRE(desk.settled.size() == 1);
  CHECK(desk.settled[0].undone);
  CHECK(desk.settled[0].error.has_value());
  CHECK(desk.stored() == 0);
}

TEST_CASE("a record that cannot be stored undoes the others, each told once", "[sending]") {
  Desk desk;
  desk.sink.send(desk.record, 1);
  RecordView lost = desk.record;
  lost.partition = Partition{7};
  desk.sink.send(lost, 2);
  desk.sink.send(desk.record, 3);
  CHECK_THROWS_AS(desk.sink.finish(k_wait), Error);
  REQUIRE(desk.settled.size() == 3);
  CHECK(desk.settled[0].tag == 2);
  CHECK_FALSE(desk.settled[0].undone);
  CHECK(desk.settled[1].tag == 1);
  CHECK(desk.settled[2].tag == 3);
  CHECK(desk.settled[2].undone);
  CHECK(desk.stored() == 0);
}

TEST_CASE("a sink without records leaves no transaction", "[sending]") {
  Desk desk;
  desk.sink.finish(k_wait);
  CHECK(desk.stored() == 0);
}
