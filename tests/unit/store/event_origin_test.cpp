// Which of two events came first.
#include "kbeat/store/event_origin.hpp"

#include <catch2/catch.hpp>

using namespace kbeat;
using namespace kbeat::store;

namespace {

Origin at(const char* topic, std::int32_t partition, std::int64_t offset, std::int64_t ms) {
  return {.topic = topic, .partition = partition, .offset = offset, .timestamp = WallTime(Milliseconds(ms))};
}

}  // namespace

TEST_CASE("8: within a partition the offset decides, whatever the clocks say", "[store]") {
  CHECK(is_older(at("t", 0, 4, 900), at("t", 0, 5, 100)));
  CHECK_FALSE(is_older(at("t", 0, 5, 100), at("t", 0, 4, 900)));
}

TEST_CASE("8: across partitions and topics the timestamp decides", "[store]") {
  CHECK(is_older(at("t", 0, 9, 100), at("t", 1, 2, 101)));
  CHECK(is_older(at("t", 0, 9, 100), at("u", 0, 2, 101)));
  CHECK_FALSE(is_older(at("t", 0, 1, 101), at("u", 0, 2, 100)));
}

TEST_CASE("8: an event is not older than itself", "[store]") {
  CHECK_FALSE(is_older(at("t", 0, 5, 100), at("t", 0, 5, 100)));
  CHECK_FALSE(is_older(at("t", 0, 5, 100), at("u", 0, 5, 100)));
}

TEST_CASE("5: offsets of a topic that is gone count for nothing", "[store]") {
  CHECK_FALSE(is_older(at("t", 0, 0, 200), at("t", 0, -1, 100)));
  CHECK(is_older(at("t", 0, 0, 50), at("t", 0, -1, 100)));
}
