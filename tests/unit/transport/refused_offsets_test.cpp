// Offsets that a broker refused: when they are looked into, and for how long an election may be the reason.
#include "kbeat/transport/kafka/refused_offsets.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace kbeat;
using namespace kbeat::transport;
using namespace std::chrono_literals;

const TopicPartition k_one{TopicName{"t"}, Partition{0}};
const TopicPartition k_other{TopicName{"t"}, Partition{1}};

}  // namespace

TEST_CASE("a refused offset is looked into at once, and again a moment later until it is settled",
          "[transport][kafka]") {
  RefusedOffsets refused;
  const SteadyTime begun{};
  CHECK_FALSE(refused.due(begun));
  refused.add(k_one, begun);
  refused.add(k_other, begun);
  CHECK(refused.due(begun) == k_one);
  CHECK(refused.due(begun) == k_other);
  CHECK_FALSE(refused.due(begun + 200ms));
  refused.settle(k_one);
  CHECK(refused.due(begun + 250ms) == k_other);
  CHECK_FALSE(refused.due(begun + 250ms));
}

TEST_CASE("an election is no reason any more after a while, unless the offset is refused anew",
          "[transport][kafka]") {
  RefusedOffsets refused;
  const SteadyTime begun{};
  refused.add(k_one, begun);
  CHECK(refused.is_recent(k_one, begun + 14s));
  CHECK_FALSE(refused.is_recent(k_other, begun));
  CHECK_FALSE(refused.is_recent(k_one, begun + 15s));
  refused.add(k_one, begun + 20s);
  CHECK(refused.is_recent(k_one, begun + 21s));
}
