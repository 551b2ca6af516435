// Which moments a scheduler acts on.
#include "kbeat/upkeep/due_times.hpp"

#include <catch2/catch.hpp>

using namespace kbeat;
using namespace kbeat::upkeep;
using namespace std::chrono_literals;

namespace {

config::ScheduleSettings every(Milliseconds span, config::Missed missed = config::Missed::skip) {
  config::ScheduleSettings schedule;
  schedule.every = span;
  schedule.missed = missed;
  return schedule;
}

constexpr WallTime k_noon{Milliseconds{1'767'614'400'000}};  // 2026-01-05T12:00:00Z

}  // namespace

TEST_CASE("intervals are counted from 1970, so that all processes agree", "[schedule]") {
  const DueTimes times(every(30s));
  CHECK(times.next(k_noon) == k_noon + 30s);
  CHECK(times.next(k_noon + 17s) == k_noon + 30s);
}

TEST_CASE("nothing is due before its time, and a moment only once", "[schedule]") {
  const DueTimes times(every(30s));
  CHECK(times.due(k_noon, k_noon + 29s).empty());
  CHECK(times.due(k_noon, k_noon + 30s) == std::vector{k_noon + 30s});
  CHECK(times.due(k_noon + 30s, k_noon + 31s).empty());
}

TEST_CASE("moments that passed unseen are skipped, run once or all run, as asked", "[schedule]") {
  const WallTime now = k_noon + 3min + 20s;
  CHECK(DueTimes(every(60s)).due(k_noon, now).empty());
  CHECK(DueTimes(every(60s, config::Missed::once)).due(k_noon, now) == std::vector{k_noon + 3min});
  CHECK(DueTimes(every(60s, config::Missed::all)).due(k_noon, now) ==
        std::vector{k_noon + 1min, k_noon + 2min, k_noon + 3min});
}

TEST_CASE("a scheduler that slept for a year wakes at once", "[schedule]") {
  const WallTime now = k_noon + std::chrono::hours(24 * 365);
  CHECK(DueTimes(every(1s, config::Missed::once)).due(k_noon, now).size() == 1);
  CHECK(DueTimes(every(1h, config::Missed::all)).due(k_noon, now).size() == 1000);
}

TEST_CASE("a schedule that cannot be read is refused with its place", "[schedule]") {
  config::ScheduleSettings schedule;
  schedule.place = "config c.toml, line 3";
  schedule.cron = "61 * * * *";
  CHECK_THROWS_WITH(DueTimes(schedule), Catch::Matchers::StartsWith("config c.toml, line 3: "));
}
