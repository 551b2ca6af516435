// What a client asks for in its URL.
#include "kbeat/server/subscription.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"
#include "support/fake_clock.hpp"

using namespace kbeat;
using namespace kbeat::server;

namespace {

Subscription read(const Fields& query, const Fields& headers = {}) {
  SystemClock clock;
  const HttpRequest request{
      .method = "GET", .path = "/", .query = query, .headers = headers, .body = {}, .peer = {}};
  return read_subscription(request, clock);
}

TopicPartition place(const char* topic, int partition) {
  return {TopicName{topic}, Partition{partition}};
}

}  // namespace

TEST_CASE("devices are a set, from one list or several", "[server][stream]") {
  const Subscription wanted = read({{"device_ids", "2,1"}, {"device_ids", "2,,3"}});
  CHECK(wanted.devices == std::vector<std::string>{"1", "2", "3"});
  CHECK(wanted.wants_device("2"));
  CHECK_FALSE(wanted.wants_device("4"));
  CHECK_FALSE(wanted.wants_device(std::nullopt));
  CHECK(read({}).wants_device(std::nullopt));
}

TEST_CASE("a place to begin at is in a partition that is streamed", "[server][stream]") {
  const std::vector<std::string> served{"t", "u"};
  const std::vector<TopicPartition> known{place("t", 0), place("t", 1)};
  CHECK_NOTHROW(check_places(read({{"from", "earliest"}}), served, known));
  CHECK_NOTHROW(check_places(read({{"from", "t/1/5,u/7/0"}}), served, known));
  CHECK_THROWS_AS(check_places(read({{"from", "t/2/0"}}), served, known), Error);
  CHECK_THROWS_AS(check_places(read({}, {{"last-event-id", "t/0/1,v/0/3"}}), served, known), Error);
}

TEST_CASE("from is a word, a time, a span or places", "[server][stream]") {
  CHECK(std::holds_alternative<std::monostate>(read({}).from));
  CHECK(std::holds_alternative<std::monostate>(read({{"from", "latest"}}).from));
  CHECK(std::holds_alternative<FromEarliest>(read({{"from", "earliest"}}).from));
  CHECK(std::get<WallTime>(read({{"from", "1700000000000"}}).from) == WallTime{Milliseconds{1700000000000}});
  CHECK(std::get<WallTime>(read({{"from", "2026-01-31T09:00:00Z"}}).from) ==
        parse_rfc3339("2026-01-31T09:00:00Z"));
  CHECK(std::holds_alternative<WallTime>(read({{"from", "-10m"}}).from));
  const auto places = std::get<FromPositions>(read({{"from", "a/0/12,b/3/4"}}).from);
  CHECK(places.next.at(place("a", 0)) == Offset{12});
  CHECK(places.next.at(place("b", 3)) == Offset{4});
}

TEST_CASE("a client that comes back goes on behind the event that it saw last", "[server][stream]") {
  const auto places =
      std::get<FromPositions>(read({{"from", "earliest"}}, {{"last-event-id", "a/0/12,a/1/40"}}).from);
  CHECK(places.next.at(place("a", 0)) == Offset{13});
  CHECK(places.next.at(place("a", 1)) == Offset{40});
}

TEST_CASE("what cannot be meant is refused by name", "[server][stream]") {
  for (const Fields& query :
       {Fields{{"from", "yesterday"}}, Fields{{"from", "a/b"}}, Fields{{"where", "data.SPEED >"}}}) {
    INFO(query[0].second);
    try {
      static_cast<void>(read(query));
      FAIL("it was taken");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::bad_input);
      CHECK(std::string(error.what()).find(query[0].first) != std::string::npos);
    }
  }
}

TEST_CASE("a topic that is not served is named", "[server][stream]") {
  CHECK_FALSE(topic_not_served(read({{"topics", "a,b"}}), {"a", "b"}));
  CHECK(topic_not_served(read({{"topics", "a,c"}}), {"a", "b"}) == "c");
  CHECK_FALSE(topic_not_served(read({}), {"a", "b"}));
}
