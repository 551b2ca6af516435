// Ends are reached by positions, not by records.
#include "kbeat/reading/read_progress.hpp"

#include <catch2/catch.hpp>

using namespace kbeat;
using reading::ReadProgress;

namespace {

const TopicPartition k_first{TopicName{"t"}, Partition{0}};
const TopicPartition k_second{TopicName{"t"}, Partition{1}};

RecordView record(int partition, std::int64_t offset) {
  return RecordView{.topic = "t", .partition = Partition{partition}, .offset = Offset{offset}};
}

}  // namespace

TEST_CASE("all is done when each partition is at its end", "[reading]") {
  ReadProgress progress;
  progress.add(k_first, {Offset{0}, Offset{2}});
  progress.add(k_second, {Offset{5}, Offset{5}});
  CHECK(progress.take_done() == std::vector{k_second});
  CHECK(progress.take(record(0, 0)));
  CHECK_FALSE(progress.all_done());
  CHECK(progress.take(record(0, 1)));
  CHECK(progress.all_done());
  CHECK(progress.take_done() == std::vector{k_first});
  CHECK(progress.take_done().empty());
}

TEST_CASE("markers and gaps at the end hold nothing up", "[reading]") {
  ReadProgress progress;
  progress.add(k_first, {Offset{0}, Offset{4}});
  CHECK(progress.take(record(0, 1)));
  SECTION("the log's end") {
    progress.reached(k_first, Offset{4});
  }
  SECTION("a record behind the end") {
    CHECK_FALSE(progress.take(record(0, 7)));
  }
  CHECK(progress.all_done());
  CHECK(progress.take_read().front().next == Offset{4});
}

TEST_CASE("what comes behind the end is not read, however much it is", "[reading]") {
  ReadProgress progress;
  progress.add(k_first, {Offset{0}, Offset{2}});
  for (const int offset : {0, 1}) CHECK(progress.take(record(0, offset)));
  for (const int offset : {2, 3}) CHECK_FALSE(progress.take(record(0, offset)));
  progress.reached(k_first, Offset{4});
  CHECK(progress.take_read().front().next == Offset{2});
  CHECK_FALSE(progress.take(record(0, 4)));
  progress.reached(k_first, Offset{5});
  CHECK(progress.take_read().empty());
}

TEST_CASE("the position stays before the first record that was left", "[reading]") {
  ReadProgress progress;
  progress.add(k_first, {Offset{0}, std::nullopt});
  for (const int offset : {0, 1, 2, 3}) {
    CHECK(progress.take(record(0, offset)));
    if (offset >= 2) progress.leave_taken();
  }
  progress.reached(k_first, Offset{9});
  CHECK(progress.take_read().front().next == Offset{2});
  CHECK(progress.next(k_first) == Offset{9});
}

TEST_CASE("a partition without an end is never done", "[reading]") {
  ReadProgress progress;
  progress.add(k_first, {Offset{0}, std::nullopt});
  progress.reached(k_first, Offset{9});
  CHECK_FALSE(progress.all_done());
  progress.bound(k_first, Offset{9});
  CHECK(progress.all_done());
}

TEST_CASE("only what was read since is committed", "[reading]") {
  ReadProgress progress;
  progress.add(k_first, {Offset{0}, std::nullopt});
  progress.add(k_second, {Offset{0}, std::nullopt});
  CHECK(progress.take_read().empty());
  CHECK(progress.take(record(1, 3)));
  const auto read = progress.take_read();
  REQUIRE(read.size() == 1);
  CHECK(read.front().partition == k_second);
  CHECK(read.front().next == Offset{4});
  CHECK(progress.take(record(1, 4)));
  progress.forget_read();
  CHECK(progress.take_read().empty());
}

TEST_CASE("a partition that went away is asked about no more", "[reading]") {
  ReadProgress progress;
  progress.add(k_first, {Offset{0}, Offset{3}});
  CHECK(progress.take(record(0, 0)));
  progress.remove(std::vector{k_first});
  CHECK(progress.all_done());
  CHECK_FALSE(progress.take(record(0, 1)));
  CHECK_FALSE(progress.knows(k_first));
}
