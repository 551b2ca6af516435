// When a handler pauses and when it goes on.
#include "kbeat/pipeline/breakers.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"
#include "support/fake_clock.hpp"

using namespace kbeat;
using namespace kbeat::pipeline;
using namespace std::chrono_literals;

namespace {

const Outcome k_down = Retry{FailureCategory::dependency, "no answer", std::nullopt};

struct Bench {
  test::FakeClock clock;
  Breakers breakers{
      {.failures = 3, .pause = {.kind = BackoffKind::exponential, .base = 1s, .cap = 4s, .jitter = 0}},
      clock};

  void fail(int times, const std::string& event = "") {
    for (int i = 0; i < times; ++i)
      breakers.settle("h", event.empty() ? "e" + std::to_string(i) : event, k_down);
  }
  [[nodiscard]] bool pauses() { return breakers.wait_until("h").has_value(); }
};

}  // namespace

TEST_CASE("a dependency that fails several events in a row makes its handler pause, no other", "[pipeline]") {
  Bench bench;
  bench.fail(2);
  CHECK_FALSE(bench.pauses());
  bench.fail(1);
  CHECK(bench.breakers.wait_until("h") == bench.clock.steady() + 1s);
  CHECK_FALSE(bench.breakers.wait_until("other").has_value());
  CHECK(bench.breakers.open().front().reason == "no answer");
}

TEST_CASE("one bad event alone, or other kinds of failures, never make a handler pause", "[pipeline]") {
  Bench bench;
  bench.fail(20, "bad");
  CHECK_FALSE(bench.pauses());
  for (int i = 0; i < 9; ++i) {
    bench.breakers.settle("h", std::to_string(i), Retry{FailureCategory::processing, "x", std::nullopt});
    bench.breakers.settle("h", std::to_string(i), Reject{FailureCategory::schema, "x"});
  }
  bench.fail(2);
  bench.breakers.settle("h", "good", Done{});
  bench.fail(2);
  CHECK_FALSE(bench.pauses());
}

TEST_CASE("after the pause one event probes; a failure lengthens the pause, success ends it", "[pipeline]") {
  Bench bench;
  bench.fail(3);
  bench.clock.advance(1s);
  CHECK_FALSE(bench.pauses());  // the probe
  CHECK(bench.pauses());        // the others, meanwhile
  bench.fail(1);
  CHECK(bench.breakers.wait_until("h") == bench.clock.steady() + 2s);
  bench.clock.advance(2s);
  CHECK_FALSE(bench.pauses());
  bench.breakers.settle("h", "e", Done{});
  CHECK_FALSE(bench.pauses());
  CHECK(bench.breakers.open().empty());
}

TEST_CASE("a failure that the handler pauses for is not the event's, whose turn comes after the others'",
          "[pipeline]") {
  Bench bench;
  bench.fail(2);
  const auto again = bench.breakers.settle("h", "e2", k_down);
  REQUIRE(again);
  CHECK(*again > bench.breakers.wait_until("h"));
  CHECK(bench.breakers.settle("h", "which was running meanwhile", k_down) == again);
  bench.clock.advance(1s);
  CHECK_FALSE(bench.pauses());
  CHECK(bench.breakers.settle("h", "probe", k_down) > bench.breakers.wait_until("h"));
  bench.clock.advance(4s);
  CHECK_FALSE(bench.pauses());
  CHECK_FALSE(bench.breakers.settle("h", "probe", Done{}));
  CHECK_FALSE(bench.breakers.settle("h", "e", k_down));
}

TEST_CASE("a handler pauses for as long as its dependency asked for", "[pipeline]") {
  const Outcome later = Retry{FailureCategory::dependency, "too many", 60s};
  Bench bench;
  bench.fail(2);
  const auto again = bench.breakers.settle("h", "e2", later);
  REQUIRE(again);
  const SteadyTime asked = bench.clock.steady() + 60s;
  CHECK(bench.breakers.wait_until("h") == asked);
  CHECK(*again > asked);
  bench.clock.advance(10s);
  CHECK(bench.breakers.settle("h", "which was running meanwhile", later) > asked + 10s);
  CHECK(bench.breakers.wait_until("h") == asked + 10s);
}

TEST_CASE("a pause that goes on for too long is an error that names handler and reason", "[pipeline]") {
  Bench bench;
  bench.fail(3);
  bench.clock.advance(10s);
  CHECK_NOTHROW(bench.breakers.check(10s));
  bench.clock.advance(1s);
  CHECK_THROWS_WITH(bench.breakers.check(10s),
                    Catch::Contains("h has failed for 11.0s") && Catch::Contains("no answer"));
}
