// The low watermark: what may be called done when records finish out of their order.
#include "kbeat/pipeline/partition_state.hpp"

#include <catch2/catch.hpp>

using namespace kbeat;
using namespace kbeat::pipeline;

namespace {

PartitionState state_at(std::int64_t next, std::set<std::int64_t> finished = {}) {
  store::StoredPosition position;
  position.partition = {TopicName{"t"}, Partition{0}};
  position.next = Offset{next};
  position.finished = std::move(finished);
  return PartitionState(position);
}

store::RecordMark mark(std::int64_t offset) {
  return {Offset{offset}, WallTime{}, "hash" + std::to_string(offset)};
}

void read(PartitionState& state, std::int64_t from, std::int64_t to) {
  for (std::int64_t offset = from; offset <= to; ++offset) CHECK(state.arrived(Offset{offset}));
}

void finish(PartitionState& state, std::int64_t offset) {
  state.batch(Offset{offset});
  state.mark(mark(offset));
}

void commit(PartitionState& state, std::initializer_list<std::int64_t> offsets) {
  for (const std::int64_t offset : offsets) finish(state, offset);
  state.batch_committed();
}

}  // namespace

TEST_CASE("C5: next is the lowest unfinished offset", "[pipeline][partition_state]") {
  PartitionState state = state_at(10);
  read(state, 10, 14);
  commit(state, {11, 12});
  CHECK(state.next() == Offset{10});
  CHECK(state.ahead() == 5);
  commit(state, {10});
  CHECK(state.next() == Offset{13});
  CHECK(state.progress().mark->offset == Offset{12});
  commit(state, {13, 14});
  CHECK(state.next() == Offset{15});
  CHECK(state.ahead() == 0);
}

TEST_CASE("a batch that failed changes nothing", "[pipeline][partition_state]") {
  PartitionState state = state_at(0);
  read(state, 0, 1);
  finish(state, 0);
  CHECK(state.progress().next == Offset{1});
  state.batch_failed();
  CHECK(state.progress().next == Offset{0});
  commit(state, {0, 1});
  CHECK(state.next() == Offset{2});
}

TEST_CASE("offsets finished by a former run are not handled again", "[pipeline][partition_state]") {
  PartitionState state = state_at(5, {6});
  CHECK(state.arrived(Offset{5}));
  CHECK_FALSE(state.arrived(Offset{6}));
  CHECK(state.arrived(Offset{7}));
  commit(state, {5});
  CHECK(state.next() == Offset{7});
}

TEST_CASE("a record that comes twice is taken once", "[pipeline][partition_state]") {
  PartitionState state = state_at(5);
  CHECK_FALSE(state.arrived(Offset{4}));
  CHECK(state.arrived(Offset{5}));
  CHECK_FALSE(state.arrived(Offset{5}));
}

TEST_CASE("next moves past invisible records once nothing is unfinished", "[pipeline][partition_state]") {
  PartitionState state = state_at(0);
  CHECK(state.arrived(Offset{0}));
  state.end_reached(Offset{9});
  CHECK_FALSE(state.can_advance());
  commit(state, {0});
  CHECK(state.next() == Offset{9});
  state.end_reached(Offset{12});
  CHECK(state.can_advance());
  state.batch_committed();
  CHECK(state.next() == Offset{12});
}

TEST_CASE("the stop is reached by commits, not by reading", "[pipeline][partition_state]") {
  PartitionState state = state_at(0);
  state.stop_at(Offset{2});
  read(state, 0, 1);
  CHECK_FALSE(state.at_stop());
  CHECK_FALSE(state.arrived(Offset{2}));
  commit(state, {0, 1});
  CHECK(state.at_stop());
}

TEST_CASE("the position never passes the stop, however far the log goes", "[pipeline][partition_state]") {
  PartitionState state = state_at(0);
  state.stop_at(Offset{3});
  read(state, 0, 1);
  CHECK_FALSE(state.arrived(Offset{3}));
  state.end_reached(Offset{9});
  commit(state, {0, 1});
  CHECK(state.next() == Offset{3});
  CHECK_FALSE(state.can_advance());
  SECTION("of several the nearest counts") {
    state.stop_at(Offset{7});
    CHECK_FALSE(state.arrived(Offset{4}));
  }
}

TEST_CASE("only a record that the position may come to stand behind needs a mark",
          "[pipeline][partition_state]") {
  PartitionState state = state_at(0);
  read(state, 0, 3);
  for (const std::int64_t offset : {0, 1, 3}) state.batch(Offset{offset});
  CHECK_FALSE(state.may_be_last(Offset{0}));
  CHECK(state.may_be_last(Offset{1}));
  CHECK(state.may_be_last(Offset{3}));
  state.mark(mark(1));
  state.mark(mark(3));
  CHECK(state.progress().next == Offset{2});
  CHECK(state.progress().mark == mark(1));
  state.batch_committed();
  state.batch(Offset{2});
  CHECK_FALSE(state.may_be_last(Offset{2}));
  CHECK(state.progress().mark == mark(3));
}
