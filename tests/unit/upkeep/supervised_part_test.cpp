// Parts that fail and are started again.
#include "kbeat/upkeep/supervised_part.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>

#include "kbeat/base/error.hpp"

using namespace kbeat;
using namespace kbeat::upkeep;

namespace {

constexpr BackoffPolicy k_at_once{.kind = BackoffKind::none};

/// Waits until it is asked to stop.
void stay(std::stop_token stop) {
  SystemClock().wait(Milliseconds{60'000}, std::move(stop));
}

}  // namespace

TEST_CASE("a part that throws or ends is started again until it stays", "[upkeep][supervised]") {
  SystemClock clock;
  std::atomic<int> runs{0};
  std::atomic<bool> stays{false};
  SupervisedPart part(
      "consumers",
      [&](std::stop_token stop) {
        const int run = ++runs;
        if (run == 1) throw Error(ErrorCode::io, "the disk is gone");
        if (run == 2) return;
        if (run == 3) throw std::bad_alloc();
        stays = true;
        stays.notify_all();
        stay(std::move(stop));
      },
      clock, k_at_once);
  stays.wait(false);
  const PartState state = part.state();
  CHECK(state.running);
  CHECK(state.restarts == 3);
  CHECK(state.last_error == "std::bad_alloc");
  part.stop();
  CHECK_FALSE(part.state().running);
  CHECK(part.state().restarts == 3);
}

TEST_CASE("a stop ends the pause before the next start", "[upkeep][supervised]") {
  SystemClock clock;
  std::atomic<int> runs{0};
  SupervisedPart part(
      "schedules",
      [&](const std::stop_token&) {
        ++runs;
        runs.notify_all();
        throw Error(ErrorCode::io, "no");
      },
      clock, {.kind = BackoffKind::fixed, .base = Milliseconds{600'000}, .cap = Milliseconds{600'000}});
  while (part.state().restarts == 0) runs.wait(0);
  CHECK(part.state().last_error == "no");
  part.stop();
  CHECK(runs == 1);
}
