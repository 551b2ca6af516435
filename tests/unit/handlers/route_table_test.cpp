// How routes are looked up.
#include "kbeat/handlers/route_table.hpp"

#include <catch2/catch.hpp>

#include "handler_bench.hpp"
#include "kbeat/handlers/dashboard_refresh.hpp"
#include "kbeat/handlers/generic_topic.hpp"

using namespace kbeat;
using namespace kbeat::handlers;

namespace {

std::string found(const RouteTable& table, std::string_view topic, std::string_view type) {
  const Route route = table.find(topic, type);
  if (std::holds_alternative<UnhandledTopic>(route)) return "unhandled topic";
  if (std::holds_alternative<UnhandledType>(route)) return "unhandled type";
  return std::string(std::get<Handler*>(route)->name());
}

}  // namespace

TEST_CASE("a route is found by topic and type, else by topic", "[handlers]") {
  RouteTable table;
  Handler& refresh = table.own(make_dashboard_refresh());
  Handler& generic = table.own(make_generic_topic());
  table.add("t", "A", refresh);
  CHECK(found(table, "t", "A") == "dashboard-refresh");
  CHECK(found(table, "t", "B") == "unhandled type");
  CHECK(found(table, "u", "A") == "unhandled topic");
  table.add_any("t", generic);
  CHECK(found(table, "t", "A") == "dashboard-refresh");
  CHECK(found(table, "t", "B") == "generic-topic");
  CHECK(found(table, "t", "") == "generic-topic");
  table.add("t", "A", generic);
  CHECK(found(table, "t", "A") == "generic-topic");
}

TEST_CASE("the routing tells topics whose values must be JSON from others", "[handlers]") {
  RouteTable table;
  Handler& generic = table.own(make_generic_topic());
  table.add_any("json", generic);
  table.add_raw("raw", generic);
  CHECK(table.routing("json") == TopicRouting::json);
  CHECK(table.routing("raw") == TopicRouting::raw);
  CHECK(table.routing("other") == TopicRouting::unrouted);
}

TEST_CASE("the built-in routes lead each type of each topic to its handler", "[handlers]") {
  test::HandlerBench bench;
  const RouteTable& table = bench.routes();
  CHECK(found(table, "beats-events", "BEAT_CREATED") == "beat-created");
  CHECK(found(table, "beats-events", "BEAT_UPDATED") == "beat-updated");
  CHECK(found(table, "beats-events", "BEAT_DELETED") == "beat-deleted");
  CHECK(found(table, "beats-events", "") == "beat-created");
  CHECK(found(table, "beats-events", "BEAT_RENAMED") == "unhandled type");
  for (const char* topic : {"metrics-events", "analytics-events"}) {
    CHECK(found(table, topic, "METRIC_UPDATED") == "metric-changed");
    CHECK(found(table, topic, "METRIC_CALCULATED") == "metric-changed");
    CHECK(found(table, topic, "DASHBOARD_REFRESH") == "dashboard-refresh");
    CHECK(found(table, topic, "BEAT_CREATED") == "unhandled type");
  }
  CHECK(found(table, "notifications", "") == "notification");
  CHECK(found(table, "generic_topic", "whatever") == "generic-topic");
  CHECK(found(table, "quiz-events", "QUESTION_PUBLISHED") == "quiz-event");
  CHECK(found(table, "conversation.events", "conversation.ended") == "backend-event");
  CHECK(found(table, "conversation.events", "ai.response.generated") == "unhandled type");
  CHECK(found(table, "system.monitoring", "workflow.failed") == "backend-event");
  CHECK(found(table, "tracking.data", "") == "unhandled topic");
}
