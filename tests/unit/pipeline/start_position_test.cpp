// Positions have generations: who is believed when store and broker differ.
#include "kbeat/pipeline/start_position.hpp"

#include <catch2/catch.hpp>

using namespace kbeat;
using namespace kbeat::pipeline;

namespace {

const WallTime k_now{Milliseconds{1'700'000'000'000}};

store::StoredPosition stored(std::optional<std::int64_t> next, std::int64_t generation = 1) {
  store::StoredPosition position{
      .partition = {TopicName{"t"}, Partition{0}}, .next = {}, .generation = generation};
  if (next) position.next = Offset{*next};
  return position;
}

std::optional<transport::CommittedPosition> committed(std::int64_t next, std::string metadata) {
  return transport::CommittedPosition{{TopicName{"t"}, Partition{0}}, Offset{next}, std::move(metadata)};
}

StartDecision decide(const store::StoredPosition& own,
                     const std::optional<transport::CommittedPosition>& broker) {
  return decide_start(own, broker, "store-a", k_now);
}

}  // namespace

TEST_CASE("a commit mark survives its way through the broker's metadata", "[pipeline][start_position]") {
  const auto mark = parse_metadata(to_metadata({"store-a", 42}));
  REQUIRE(mark);
  CHECK(mark->store_id == "store-a");
  CHECK(mark->generation == 42);
  for (const char* text : {"", "kbeat/1", "kbeat/1 a", "kbeat/1 a x", "kbeat/10 a 1", "other"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_metadata(text));
  }
}

TEST_CASE("nobody has a position: the policy of the first start decides", "[pipeline][start_position]") {
  const StartDecision decision = decide(stored(std::nullopt), std::nullopt);
  CHECK(decision.reason == StartReason::first_start);
  CHECK_FALSE(decision.next);
}

TEST_CASE("the store's position stands when the broker is behind, level or empty",
          "[pipeline][start_position]") {
  CHECK(decide(stored(10), std::nullopt).next == Offset{10});
  CHECK(decide(stored(10), committed(7, "kbeat/1 store-a 1")).next == Offset{10});
  CHECK(decide(stored(10), committed(10, "")).reason == StartReason::stored);
}

TEST_CASE("C3: an unmarked commit elsewhere is a reset and starts a new generation",
          "[pipeline][start_position]") {
  for (const std::int64_t offset : {0, 3, 50}) {
    const StartDecision decision = decide(stored(10), committed(offset, ""));
    CHECK(decision.reason == StartReason::reset_elsewhere);
    CHECK(decision.next == Offset{offset});
    CHECK(decision.generation == k_now.time_since_epoch().count());
  }
}

TEST_CASE("of two stores the higher generation counts, then the later offset", "[pipeline][start_position]") {
  CHECK(decide(stored(10, 1), committed(20, "kbeat/1 store-b 1")).next == Offset{20});
  CHECK(decide(stored(10, 1), committed(5, "kbeat/1 store-b 2")).next == Offset{5});
  CHECK(decide(stored(10, 2), committed(50, "kbeat/1 store-b 1")).next == Offset{10});
}

TEST_CASE("a later mark of this very store means that the store was rolled back",
          "[pipeline][start_position]") {
  const StartDecision decision = decide(stored(10), committed(25, "kbeat/1 store-a 1"));
  CHECK(decision.reason == StartReason::store_rolled_back);
  CHECK(decision.next == Offset{10});
}

TEST_CASE("a new generation outranks both the own one and the clock's past", "[pipeline][start_position]") {
  CHECK(new_generation(1, k_now) == 1'700'000'000'000);
  CHECK(new_generation(1'800'000'000'000, k_now) == 1'800'000'000'001);
}
