// One order out of several partitions.
#include "kbeat/reading/time_merge.hpp"

#include <catch2/catch.hpp>

using namespace kbeat;
using reading::TimeMerge;

namespace {

const TopicPartition k_first{TopicName{"t"}, Partition{0}};
const TopicPartition k_second{TopicName{"t"}, Partition{1}};

/// A batch of one partition whose records bear these stamps.
RecordBatch batch(int partition, const std::vector<int>& stamps) {
  std::vector<RecordView> records;
  for (const int stamp : stamps) {
    records.push_back(RecordView{.topic = "t",
                                 .partition = Partition{partition},
                                 .timestamp = WallTime{Milliseconds{stamp}},
                                 .timestamp_type = TimestampType::create});
  }
  return {records, nullptr};
}

bool any(const RecordView&) {
  return true;
}

std::vector<std::int64_t> drained(TimeMerge& merge) {
  std::vector<std::int64_t> stamps;
  merge.drain([&](const RecordView& record) {
    stamps.push_back(record.timestamp.time_since_epoch().count());
    return true;
  });
  return stamps;
}

TimeMerge of_two() {
  TimeMerge merge;
  merge.add(k_first);
  merge.add(k_second);
  return merge;
}

}  // namespace

using Stamps = std::vector<std::int64_t>;

TEST_CASE("a record waits until the other partitions have one too", "[reading]") {
  TimeMerge merge = of_two();
  merge.push(batch(0, {1, 5, 6}), any);
  CHECK(drained(merge).empty());
  merge.push(batch(1, {2, 5}), any);
  CHECK(drained(merge) == Stamps{1, 2, 5, 5});
  merge.at_end(k_second);
  CHECK(drained(merge) == Stamps{6});
}

TEST_CASE("the order of a partition is kept even when its stamps fall", "[reading]") {
  TimeMerge merge = of_two();
  merge.push(batch(0, {9, 1}), any);
  merge.push(batch(1, {5}), any);
  merge.at_end(k_first);
  merge.at_end(k_second);
  CHECK(drained(merge) == Stamps{5, 9, 1});
}

TEST_CASE("a partition at its end is waited for again once it has a record", "[reading]") {
  TimeMerge merge = of_two();
  merge.at_end(k_first);
  merge.push(batch(1, {1, 2}), any);
  CHECK(drained(merge) == Stamps{1, 2});
  merge.push(batch(0, {3}), any);
  CHECK(drained(merge).empty());
  merge.at_end(k_second);
  CHECK(drained(merge) == Stamps{3});
}

TEST_CASE("draining stops when enough is taken, and goes on later", "[reading]") {
  TimeMerge merge;
  merge.add(k_first);
  merge.at_end(k_first);
  merge.push(batch(0, {1, 2, 3}), any);
  int left = 1;
  merge.drain([&](const RecordView&) { return left-- > 1; });
  CHECK(drained(merge) == Stamps{2, 3});
}

TEST_CASE("a partition that is removed takes its records along", "[reading]") {
  TimeMerge merge = of_two();
  merge.push(batch(0, {1}), any);
  merge.remove(k_second);
  CHECK(drained(merge) == Stamps{1});
  merge.add(k_second);
  merge.push(batch(1, {4}), any);
  merge.remove(k_first);
  CHECK(drained(merge) == Stamps{4});
}

TEST_CASE("a partition far ahead of the others is crowded", "[reading]") {
  TimeMerge merge = of_two();
  merge.push(batch(0, std::vector<int>(100, 7)), any);
  const auto crowding = merge.crowding(20'000);
  CHECK(crowding.crowded == std::vector{k_first});
  CHECK(crowding.free == std::vector{k_second});
}
