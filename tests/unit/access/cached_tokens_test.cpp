// One token for many clients, renewed in time.
#include "kbeat/access/cached_tokens.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"
#include "support/fake_clock.hpp"
#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::access;
using std::chrono::seconds;

namespace {

/// Gives tokens of a hundred seconds, numbered, until it is told to fail.
struct Endpoint final : transport::TokenSource {
  explicit Endpoint(Clock& its_clock) : clock(its_clock) {}
  transport::Token token() override {
    if (fails) throw Error(ErrorCode::authentication, "no token today", Retryable::yes);
    return {.text = std::to_string(++given),
            .principal = "p",
            .expires = clock.now() + seconds{100},
            .extensions = {}};
  }
  Clock& clock;
  int given = 0;
  bool fails = false;
};

struct Desk {
  test::FakeClock clock;
  Endpoint* endpoint = new Endpoint(clock);
  CachedTokens tokens{std::unique_ptr<transport::TokenSource>(endpoint), clock};
};

}  // namespace

TEST_CASE("a token serves until seventy parts in a hundred of its life are over", "[access]") {
  Desk desk;
  CHECK(desk.tokens.token().text == "1");
  desk.clock.advance(seconds{69});
  CHECK(desk.tokens.token().text == "1");
  desk.clock.advance(seconds{2});
  CHECK(desk.tokens.token().text == "2");
}

TEST_CASE("while no new token is to be had the old one serves as long as it is valid", "[access]") {
  Desk desk;
  CHECK(desk.tokens.token().text == "1");
  desk.endpoint->fails = true;
  desk.clock.advance(seconds{80});
  CHECK(desk.tokens.token().text == "1");
  desk.clock.advance(seconds{18});
  const auto error = test::thrown_by([&] { static_cast<void>(desk.tokens.token()); });
  REQUIRE(error);
  CHECK(error->retryable());
}
