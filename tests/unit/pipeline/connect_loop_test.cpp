// The connect loop: attempts, waits, the cool-down and its end.
#include "kbeat/pipeline/connect_loop.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"
#include "support/fake_clock.hpp"

using namespace kbeat;
using namespace kbeat::pipeline;
using namespace std::chrono_literals;

namespace {

const Error k_away(ErrorCode::unreachable, "connection refused", Retryable::yes);

}  // namespace

TEST_CASE("after the last attempt the loop cools down and begins again", "[pipeline][connect_loop]") {
  test::FakeClock clock;
  int probes = 0;
  ConnectLoop loop(
      {.max_retries = 3, .retry_delay = 3s, .cooldown = 30s}, clock,
      [&] {
        if (++probes < 6) throw Error(k_away);
      },
      0);
  loop.run({});
  CHECK(loop.state().connected);
  CHECK(probes == 6);
  CHECK(clock.waits == std::vector<Milliseconds>{3s, 3s, 30s, 3s, 3s});
}

TEST_CASE("the cool-down shows in the state, and the next attempt ends it", "[pipeline][connect_loop]") {
  test::FakeClock clock;
  ConnectLoop loop(
      {.max_retries = 1, .retry_delay = 3s, .cooldown = 30s}, clock, [] { throw Error(k_away); }, 0);
  loop.step();
  CHECK(loop.state().in_cooldown);
  CHECK(loop.state().retry_count == 1);
  loop.step();
  CHECK(loop.state().in_cooldown);
  clock.advance(30s);
  loop.step();
  CHECK(loop.state().in_cooldown);
  CHECK(loop.state().retry_count == 1);
}

TEST_CASE("a bounded loop gives up with the last error", "[pipeline][connect_loop]") {
  test::FakeClock clock;
  int probes = 0;
  ConnectLoop loop(
      {.max_retries = 10, .retry_delay = 3s}, clock,
      [&] {
        ++probes;
        throw Error(k_away);
      },
      2);
  CHECK_THROWS_WITH(loop.run({}), "connection refused");
  CHECK(probes == 2);
}

TEST_CASE("wrong credentials end the loop at once", "[pipeline][connect_loop]") {
  test::FakeClock clock;
  ConnectLoop loop(
      {}, clock, [] { throw Error(ErrorCode::authentication, "wrong password"); }, 0);
  CHECK_THROWS_WITH(loop.run({}), "wrong password");
}

TEST_CASE("exponential waits double up to thirty seconds", "[pipeline][connect_loop]") {
  test::FakeClock clock;
  int probes = 0;
  ConnectLoop loop(
      {.max_retries = 10, .exponential = true}, clock,
      [&] {
        if (++probes < 8) throw Error(k_away);
      },
      0);
  loop.run({});
  CHECK(clock.waits == std::vector<Milliseconds>{2s, 4s, 8s, 16s, 30s, 30s, 30s});
}

TEST_CASE("a lost connection starts over with the first attempt", "[pipeline][connect_loop]") {
  test::FakeClock clock;
  bool away = false;
  ConnectLoop loop(
      {.retry_delay = 3s}, clock,
      [&] {
        if (away) throw Error(k_away);
      },
      0);
  loop.run({});
  away = true;
  loop.lost("broken pipe");
  CHECK_FALSE(loop.state().connected);
  loop.step();
  CHECK(loop.state().retry_count == 1);
  away = false;
  loop.run({});
  CHECK(loop.state().connected);
}
