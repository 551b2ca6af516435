// Dead letters that are retried by themselves, and in the end archived.
#include "kbeat/dlq/auto_retry.hpp"

#include <catch2/catch.hpp>

#include "integration/pipeline/loop_bench.hpp"
#include "kbeat/dlq/dlq_view.hpp"

using namespace kbeat;
using namespace kbeat::test;
using namespace kbeat::dlq;

namespace {

const TopicName k_dlq{"dead.letter.queue"};

std::size_t letters(LoopBench& bench, LetterState state) {
  std::size_t count = 0;
  view_letters({.transport = *bench.transport}, k_dlq, {.state = state}, {},
               [&](const SeenLetter&) { ++count; });
  return count;
}

/// Runs an AutoRetry until so many letters have the state, for ten seconds at most.
bool retry_until(LoopBench& bench, LetterState state, std::size_t count, AutoRetryOptions options) {
  options.dlq = k_dlq;
  options.backoff = {.kind = BackoffKind::fixed, .base = Milliseconds{1}, .jitter = 0};
  options.look_every = Milliseconds{20};
  const AutoRetry retry(
      *bench.transport, [&bench] { return bench.open(); }, options, bench.clock);
  const SteadyTime deadline = bench.clock.steady() + std::chrono::seconds(10);
  while (letters(bench, state) < count) {
    if (bench.clock.steady() > deadline) return false;
    static_cast<void>(bench.clock.wait(Milliseconds{10}, {}));
  }
  return true;
}

HandlerFunction failing(FailureCategory category) {
  return [category](const RecordView&, const Event&, const auto&) -> Outcome {
    return Reject{category, "away"};
  };
}

}  // namespace

TEST_CASE("letters of passing failures are retried by themselves, others are left", "[dlq][auto_retry]") {
  LoopBench bench;
  bench.produce({{"a", event_json("e1")}, {"b", "broken"}});
  static_cast<void>(bench.consume(failing(FailureCategory::dependency)));
  REQUIRE(letters(bench, LetterState::open) == 2);
  CHECK(retry_until(bench, LetterState::retried, 1, {}));
  CHECK(letters(bench, LetterState::open) == 1);
  CHECK(bench.consume(append_event).counts.done == 1);
}

TEST_CASE("what fails as often as it may is archived", "[dlq][auto_retry]") {
  LoopBench bench;
  bench.produce({{"a", event_json("e1")}});
  for (std::size_t replay = 0; replay < 2; ++replay) {
    static_cast<void>(bench.consume(failing(FailureCategory::timeout)));
    REQUIRE(retry_until(bench, LetterState::retried, replay + 1, {.max_replays = 2}));
  }
  static_cast<void>(bench.consume(failing(FailureCategory::timeout)));
  CHECK(retry_until(bench, LetterState::archived, 1, {.max_replays = 2}));
  CHECK(bench.open()->letters().read(0, 10).size() == 1);
}
