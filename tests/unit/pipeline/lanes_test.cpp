// Order per key: one run of a lane is out at a time and a waiting retry holds its lane.
#include "kbeat/pipeline/lanes.hpp"

#include <catch2/catch.hpp>

#include "kbeat/pipeline/partition_state.hpp"

using namespace kbeat;
using namespace kbeat::pipeline;
using namespace std::chrono_literals;

namespace {

const SteadyTime k_now{1h};

std::unique_ptr<Work> work(std::uint64_t lane, std::int64_t offset, bool suspect = false) {
  auto made = std::make_unique<Work>();
  made->lane = lane;
  made->record.offset = Offset{offset};
  made->suspect = suspect;
  return made;
}

void finish(LaneRun& run) {
  for (auto& each : run) each->outcome = Done{};
}

std::vector<std::int64_t> offsets(const LaneRun& run) {
  std::vector<std::int64_t> found;
  for (const auto& each : run) found.push_back(each->record.offset.get());
  return found;
}

}  // namespace

TEST_CASE("records of one key go out together and the next ones wait for them", "[pipeline][lanes]") {
  Lanes lanes;
  lanes.add(work(1, 0));
  lanes.add(work(2, 1));
  lanes.add(work(1, 2));
  auto runs = lanes.take(100, k_now);
  REQUIRE(runs.size() == 2);
  CHECK(offsets(runs[0]) == std::vector<std::int64_t>{0, 2});
  lanes.add(work(1, 3));
  CHECK(lanes.take(100, k_now).empty());
  finish(runs[0]);
  CHECK(lanes.settle(std::move(runs[0])).size() == 2);
  runs = lanes.take(100, k_now);
  REQUIRE(runs.size() == 1);
  CHECK(offsets(runs[0]) == std::vector<std::int64_t>{3});
}

TEST_CASE("work of a lost partition is not tried again", "[pipeline][lanes]") {
  Lanes lanes;
  store::StoredPosition position;
  position.next = Offset{0};
  const auto lost = std::make_shared<PartitionState>(position);
  auto failing = work(1, 0);
  failing->partition = lost;
  lanes.add(std::move(failing));
  auto runs = lanes.take(100, k_now);
  REQUIRE(runs.size() == 1);
  lost->hold = Hold::lost;
  CHECK(lanes.settle(std::move(runs[0])).size() == 1);
  CHECK(lanes.size() == 0);
  CHECK(lanes.take(100, k_now + 100s).empty());
}

TEST_CASE("R4: a retry waits at the head of its lane until it is due", "[pipeline][lanes]") {
  Lanes lanes;
  lanes.add(work(1, 0));
  lanes.add(work(1, 1));
  lanes.add(work(2, 2));
  auto runs = lanes.take(100, k_now);
  runs[0][0]->due = k_now + 10s;
  CHECK(lanes.settle(std::move(runs[0])).empty());
  CHECK(lanes.next_due() == k_now + 10s);
  CHECK(lanes.take(100, k_now + 9s).empty());
  runs = lanes.take(100, k_now + 10s);
  REQUIRE(runs.size() == 1);
  CHECK(offsets(runs[0]) == std::vector<std::int64_t>{0, 1});
}

TEST_CASE("a limit on what goes out keeps the rest for later", "[pipeline][lanes]") {
  Lanes lanes;
  for (std::int64_t i = 0; i < 10; ++i) lanes.add(work(static_cast<std::uint64_t>(i), i));
  CHECK(lanes.take(4, k_now).size() == 4);
  CHECK(lanes.out() == 4);
  CHECK(lanes.take(100, k_now).size() == 6);
  CHECK(lanes.size() == 10);
}

TEST_CASE("what arrived first goes out first, and no run is cut by the limit", "[pipeline][lanes]") {
  Lanes lanes;
  lanes.add(work(1, 0));
  auto first = lanes.take(1, k_now);
  for (std::int64_t i = 1; i < 4; ++i) lanes.add(work(1, i));
  for (std::int64_t i = 4; i < 10; ++i) lanes.add(work(static_cast<std::uint64_t>(i), i));
  finish(first[0]);
  CHECK(lanes.settle(std::move(first[0])).size() == 1);
  // Lane 1 came back after the others were queued.
  const auto next = lanes.take(2, k_now);
  REQUIRE(next.size() == 1);
  CHECK(offsets(next[0]) == std::vector<std::int64_t>{1, 2, 3});
}

TEST_CASE("the key of what just arrived waits for the next call while others are out", "[pipeline][lanes]") {
  Lanes lanes;
  lanes.add(work(1, 0));
  auto runs = lanes.take(100, k_now);
  CHECK(runs.size() == 1);
  lanes.add(work(2, 1));
  lanes.add(work(3, 2));
  auto next = lanes.take(100, k_now);
  REQUIRE(next.size() == 1);
  CHECK(offsets(next[0]) == std::vector<std::int64_t>{1});
  lanes.add(work(3, 3));
  CHECK(lanes.take(100, k_now).empty());
  next = lanes.take(100, k_now);
  REQUIRE(next.size() == 1);
  CHECK(offsets(next[0]) == std::vector<std::int64_t>{2, 3});
}

TEST_CASE("13: with a suspect records go one by one in their order", "[pipeline][lanes]") {
  Lanes lanes;
  lanes.add(work(2, 0));
  lanes.add(work(1, 1));
  lanes.add(work(3, 2, true));
  CHECK(lanes.suspects() == 1);
  for (std::int64_t expected = 0; expected < 3; ++expected) {
    auto runs = lanes.take_alone(k_now);
    REQUIRE(runs.size() == 1);
    CHECK(offsets(runs[0]) == std::vector<std::int64_t>{expected});
    CHECK(lanes.take_alone(k_now).empty());
    finish(runs[0]);
    CHECK(lanes.settle(std::move(runs[0])).size() == 1);
  }
  CHECK(lanes.suspects() == 0);
}

TEST_CASE("dropping leaves nothing behind", "[pipeline][lanes]") {
  Lanes lanes;
  for (std::int64_t i = 0; i < 5; ++i) lanes.add(work(1, i, i == 0));
  lanes.drop_waiting();
  CHECK(lanes.size() == 0);
  CHECK(lanes.suspects() == 0);
  CHECK(lanes.take(100, k_now).empty());
}

TEST_CASE("R3: of retries that are due at once, a burst at most is out at a time", "[pipeline][lanes]") {
  Lanes lanes({.burst = 3});
  for (std::int64_t i = 0; i < 10; ++i) lanes.add(work(static_cast<std::uint64_t>(i), i));
  for (LaneRun& run : lanes.take(100, k_now)) {
    run[0]->due = k_now + 10s;
    CHECK(lanes.settle(std::move(run)).empty());
  }
  // An hour later, as a clock that jumps shows it.
  auto first = lanes.take(100, k_now + 1h);
  CHECK(first.size() == 3);
  lanes.add(work(77, 77));
  CHECK(lanes.take(100, k_now + 1h).empty());  // it has only just come
  auto fresh = lanes.take(100, k_now + 1h);
  REQUIRE(fresh.size() == 1);
  CHECK(offsets(fresh[0]) == std::vector<std::int64_t>{77});
  finish(first[0]);
  CHECK(lanes.settle(std::move(first[0])).size() == 1);
  CHECK(lanes.take(100, k_now + 1h).size() == 1);
  lanes.drop_waiting();
  for (std::size_t i : {1u, 2u}) CHECK(lanes.settle(std::move(first[i])).empty());
}

TEST_CASE("R4: without an order of retries, later records of the key do not wait", "[pipeline][lanes]") {
  Lanes lanes({.order = RetryOrder::none});
  for (std::int64_t i = 0; i < 3; ++i) lanes.add(work(1, i));
  auto runs = lanes.take(100, k_now);
  for (const SteadyTime due : {k_now + 10s, k_now + 20s}) {
    runs[0][0]->due = due;
    CHECK(lanes.settle(std::move(runs[0])).empty());
    runs = lanes.take(100, due - 1s);
    if (due == k_now + 10s) {
      REQUIRE(runs.size() == 1);
      CHECK(offsets(runs[0]) == std::vector<std::int64_t>{1, 2});
      finish(runs[0]);
      CHECK(lanes.settle(std::move(runs[0])).size() == 2);
      runs = lanes.take(100, due);
    }
  }
  CHECK(runs.empty());
  CHECK(lanes.size() == 1);
  runs = lanes.take(100, k_now + 20s);
  REQUIRE(runs.size() == 1);
  CHECK(offsets(runs[0]) == std::vector<std::int64_t>{0});
}

TEST_CASE("a wait that was dropped wakes nobody later", "[pipeline][lanes]") {
  Lanes lanes;
  lanes.add(work(1, 0));
  auto runs = lanes.take(100, k_now);
  runs[0][0]->due = k_now + 10s;
  CHECK(lanes.settle(std::move(runs[0])).empty());
  lanes.drop_waiting();
  for (std::int64_t i = 0; i < 100; ++i) lanes.add(work(1, i));
  runs = lanes.take(100, k_now);
  REQUIRE(runs.size() == 1);
  CHECK(lanes.take(100, k_now + 10s).empty());
  finish(runs[0]);
  CHECK(lanes.settle(std::move(runs[0])).size() == 64);
}
