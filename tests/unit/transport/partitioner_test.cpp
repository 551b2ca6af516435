// Tests of the partitioner against values of Kafka's Java client.
#include <catch2/catch.hpp>

#include "kbeat/transport/partitioner.hpp"

namespace kbeat::transport {

TEST_CASE("murmur2 gives what Java clients give", "[transport]") {
  const auto java = [](std::string_view text) { return static_cast<std::int32_t>(murmur2(text)); };
  CHECK(java("21") == -973932308);
  CHECK(java("foobar") == -790332482);
  CHECK(java("a-little-bit-long-string") == -985981536);
  CHECK(java("a-little-bit-longer-string") == -1486304829);
  CHECK(java("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8") == -58897971);
  CHECK(java("abc") == 479470107);
}

TEST_CASE("a key has one partition and an empty key is a key", "[transport]") {
  CHECK(partition_of_key("foobar", 12) == choose_partition("foobar", 12, 7));
  CHECK(choose_partition("", 12, 1) == choose_partition("", 12, 2));
  CHECK(partition_of_key("abc", 3) == Partition{479470107 % 3});
  CHECK(partition_of_key("21", 1) == Partition{0});
}

TEST_CASE("records without a key are spread over all partitions", "[transport]") {
  CHECK(choose_partition(std::nullopt, 3, 4) == Partition{1});
  CHECK(choose_partition(std::nullopt, 3, 5) == Partition{2});
}

}  // namespace kbeat::transport
