// Waits for a store or log that cannot be worked on now.
#include "kbeat/pipeline/store_retries.hpp"

#include <catch2/catch.hpp>

#include "support/fake_clock.hpp"

using namespace kbeat;
using namespace kbeat::pipeline;

namespace {

const Error k_full(ErrorCode::no_space, "the disk is full", Retryable::yes);

}  // namespace

TEST_CASE("a long run tries again for ever, each time later", "[pipeline]") {
  test::FakeClock clock;
  StoreRetries retries(false, clock);
  CHECK(retries.may_try());
  Milliseconds last{0};
  for (int i = 0; i < 20; ++i) {
    REQUIRE(retries.plan_next(k_full));
    Milliseconds waited{0};
    for (; !retries.may_try(); waited += Milliseconds{10}) clock.advance(Milliseconds{10});
    CHECK(waited >= last);
    last = waited;
  }
}

TEST_CASE("a bounded run gives up after five failures in a row", "[pipeline]") {
  test::FakeClock clock;
  StoreRetries retries(true, clock);
  for (int i = 0; i < 4; ++i) CHECK(retries.plan_next(k_full));
  retries.worked();
  for (int i = 0; i < 4; ++i) CHECK(retries.plan_next(k_full));
  CHECK_FALSE(retries.plan_next(k_full));
}

TEST_CASE("what waiting does not mend is not waited for", "[pipeline]") {
  test::FakeClock clock;
  StoreRetries retries(false, clock);
  CHECK_FALSE(retries.plan_next(Error(ErrorCode::database, "not a database")));
  CHECK(retries.may_try());
}

TEST_CASE("trouble with a file is told from trouble with a broker", "[pipeline]") {
  CHECK(is_about_files(ErrorCode::busy));
  CHECK(is_about_files(ErrorCode::no_space));
  CHECK_FALSE(is_about_files(ErrorCode::unreachable));
  CHECK_FALSE(is_about_files(ErrorCode::timed_out));
}
