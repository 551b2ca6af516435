// Cron expressions on calendars whose clocks change.
#include "kbeat/upkeep/cron.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"

using namespace kbeat;
using namespace kbeat::upkeep;
using Catch::Matchers::Contains;

namespace {

std::string next(const char* cron, const char* zone, const char* after) {
  const auto moment = CronExpression(cron).next(parse_rfc3339(after), TimeZone(zone));
  return moment ? to_rfc3339(*moment).substr(0, 16) : "never";
}

}  // namespace

TEST_CASE("a moment is due strictly after the time asked for", "[cron]") {
  CHECK(next("30 9 * * *", "UTC", "2026-01-05T09:29:59Z") == "2026-01-05T09:30");
  CHECK(next("30 9 * * *", "UTC", "2026-01-05T09:30:00Z") == "2026-01-06T09:30");
}

TEST_CASE("lists, ranges, steps and names are understood", "[cron]") {
  CHECK(next("*/20 8-10/2 * * *", "UTC", "2026-01-05T08:40:00Z") == "2026-01-05T10:00");
  CHECK(next("0 0 1 jan,JUL *", "UTC", "2026-01-05T00:00:00Z") == "2026-07-01T00:00");
  CHECK(next("0 9 * * mon-fri", "UTC", "2026-01-09T09:00:00Z") == "2026-01-12T09:00");
  CHECK(next("0 9 * * 7", "UTC", "2026-01-09T09:00:00Z") == "2026-01-11T09:00");
  CHECK(next("5/20 * * * *", "UTC", "2026-01-09T09:26:00Z") == "2026-01-09T09:45");
  CHECK(next("@weekly", "UTC", "2026-01-09T09:00:00Z") == "2026-01-11T00:00");
}

TEST_CASE("two restricted days mean either of them", "[cron]") {
  CHECK(next("0 0 13 * fri", "UTC", "2026-01-09T00:00:00Z") == "2026-01-13T00:00");
  CHECK(next("0 0 13 * fri", "UTC", "2026-01-13T00:00:00Z") == "2026-01-16T00:00");
}

TEST_CASE("the zone's clock counts", "[cron]") {
  CHECK(next("0 9 * * *", "Europe/Berlin", "2026-01-05T00:00:00Z") == "2026-01-05T08:00");
  CHECK(next("0 9 * * *", "Europe/Berlin", "2026-07-05T00:00:00Z") == "2026-07-05T07:00");
  CHECK(next("0 9 * * *", "Asia/Kathmandu", "2026-01-05T00:00:00Z") == "2026-01-05T03:15");
}

TEST_CASE("a given hour that the clocks leave out is due right after the gap, once", "[cron]") {
  // Berlin, 29 March 2026: 02:00 becomes 03:00, which is 01:00 UTC.
  CHECK(next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z") == "2026-03-29T01:00");
  CHECK(next("30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z") == "2026-03-30T00:30");
  CHECK(next("0,30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z") == "2026-03-30T00:00");
}

TEST_CASE("a given hour that comes twice is due the first time only", "[cron]") {
  // Berlin, 25 October 2026: 03:00 becomes 02:00, so 02:30 is 00:30 and 01:30 UTC.
  CHECK(next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z") == "2026-10-25T00:30");
  CHECK(next("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z") == "2026-10-26T01:30");
}

TEST_CASE("an expression of every hour keeps its pace through both changes", "[cron]") {
  CHECK(next("30 * * * *", "Europe/Berlin", "2026-10-25T00:30:00Z") == "2026-10-25T01:30");
  CHECK(next("30 * * * *", "Europe/Berlin", "2026-03-29T00:30:00Z") == "2026-03-29T01:30");
  CHECK(next("*/30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z") == "2026-10-25T01:00");
  CHECK(next("*/30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z") == "2026-03-30T00:00");
  CHECK(next("*/15 */1 * * *", "Europe/Berlin", "2026-10-25T00:45:00Z") == "2026-10-25T01:00");
}

TEST_CASE("a day that a zone skips altogether harms nobody", "[cron]") {
  // Apia had no 30 December 2011.
  CHECK(next("0 12 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z") == "2011-12-30T10:00");
  CHECK(next("0 12 31 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z") == "2011-12-30T22:00");
}

TEST_CASE("the 29th of February is waited for, the 30th is never due", "[cron]") {
  CHECK(next("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z") == "2104-02-29T00:00");
  CHECK(next("0 0 30 2 *", "UTC", "2026-01-01T00:00:00Z") == "never");
}

TEST_CASE("a wrong expression is refused with the field that is wrong", "[cron]") {
  const auto complaint = [](const char* text) -> std::string {
    try {
      static_cast<void>(CronExpression(text));
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK_THAT(complaint("* * * *"), Contains("five fields"));
  CHECK_THAT(complaint("60 * * * *"), Contains("minute \"60\""));
  CHECK_THAT(complaint("* * 0 * *"), Contains("day of the month"));
  CHECK_THAT(complaint("* * * foo *"), Contains("month \"foo\""));
  CHECK_THAT(complaint("* 9-7 * * *"), Contains("runs backwards"));
  CHECK_THAT(complaint("*/0 * * * *"), Contains("step"));
  CHECK_THAT(complaint("1,,2 * * * *"), Contains("empty part"));
  CHECK_THROWS_WITH(TimeZone("Europe/Nowhere"), Contains("no time zone"));
}
