// Alerts: limits, hysteresis, one change for one message.
#include "kbeat/upkeep/alerts.hpp"

#include <catch2/catch.hpp>

using namespace kbeat;
using namespace kbeat::upkeep;
using namespace std::chrono_literals;

namespace {

constexpr WallTime k_now{Milliseconds{1'700'000'000'000}};

config::AlertSettings limits() {
  config::AlertSettings settings = config::default_alerts();
  settings.lag = {.info = {}, .warning = 100, .critical = 1000};
  settings.disk = {.info = {}, .warning = 0.1, .critical = 0.05};
  return settings;
}

Measures lag(double value) {
  Measures measures;
  measures.lag = value;
  return measures;
}

Measures disk(double value) {
  Measures measures;
  measures.disk = value;
  return measures;
}

}  // namespace

TEST_CASE("an alert is told once when it is raised, once when it worsens, once when it is over", "[alerts]") {
  AlertBook book(limits());
  const auto raised = book.judge(lag(150), k_now);
  REQUIRE(raised.size() == 1);
  CHECK(raised[0].text == "lag: 150 records (warning at 100 records)");
  CHECK(raised[0].former == Severity::none);
  CHECK(book.judge(lag(160), k_now + 1s).empty());
  CHECK(book.judge(lag(2000), k_now + 2s).at(0).alert.severity == Severity::critical);
  const auto over = book.judge(lag(3), k_now + 3s);
  REQUIRE(over.size() == 1);
  CHECK(over[0].former == Severity::critical);
  CHECK(over[0].alert.severity == Severity::none);
  CHECK(book.active().empty());
}

TEST_CASE("a value that wavers at its limit does not raise an alert again and again", "[alerts]") {
  AlertBook book(limits());
  CHECK(book.judge(lag(100), k_now).size() == 1);
  for (const double value : {95.0, 101.0, 92.0, 99.0}) CHECK(book.judge(lag(value), k_now).empty());
  CHECK(book.judge(lag(89), k_now).size() == 1);
  CHECK(book.judge(disk(0.1), k_now).size() == 1);
  CHECK(book.judge(disk(0.105), k_now).empty());
  CHECK(book.judge(disk(0.12), k_now).size() == 1);
}

TEST_CASE("a severity eases step by step when its limit is left far enough", "[alerts]") {
  AlertBook book(limits());
  CHECK(book.judge(lag(1000), k_now).at(0).alert.severity == Severity::critical);
  CHECK(book.judge(lag(950), k_now).empty());
  CHECK(book.judge(lag(500), k_now).at(0).alert.severity == Severity::warning);
}

TEST_CASE("a rule whose measure is not known keeps its state", "[alerts]") {
  AlertBook book(limits());
  CHECK(book.judge(lag(150), k_now).size() == 1);
  CHECK(book.judge(Measures{}, k_now).empty());
  REQUIRE(book.active().size() == 1);
  CHECK(book.active()[0].since == k_now);
}

TEST_CASE("a change is a JSON object, and health falls with what is raised", "[alerts]") {
  AlertBook book(limits());
  const auto changes = book.judge(disk(0.04), k_now);
  REQUIRE(changes.size() == 1);
  const std::string json = to_json(changes[0]);
  CHECK_THAT(json, Catch::Matchers::StartsWith(
                       R"x({"alert":"disk","severity":"critical","former":"none","value":0.04,)x"));
  CHECK_THAT(
      json,
      Catch::Matchers::EndsWith(
          R"x("text":"disk: 4.0 % free (critical at 5.0 % free)","since":"2023-11-14T22:13:20.000Z"})x"));
  CHECK(health_score({}) == 100);
  CHECK(health_score(book.active()) == 60);
}
