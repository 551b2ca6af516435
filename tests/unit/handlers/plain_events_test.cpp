// Metrics, notifications, quiz and backend events: from fields to rows.
#include <catch2/catch.hpp>

#include "handler_bench.hpp"

using namespace kbeat;
using test::effect_of;
using test::HandlerBench;
using test::told;

TEST_CASE("a named metric keeps its value as it was written", "[handlers]") {
  HandlerBench bench;
  const auto metric = [&](const std::string& payload) {
    return effect_of<UpsertMetric>(bench.handle("metrics-events", "METRIC_UPDATED", payload));
  };
  CHECK(metric(R"({"metric":"cpu","value":1.10})").value == "1.10");
  CHECK(metric(R"({"metric":"cpu","value":9007199254740993})").value == "9007199254740993");
  CHECK(metric(R"({"metric":"cpu","value":"high"})").value == "\"high\"");
  CHECK(metric(R"({"metric":"cpu","value":1,"metadata":{"host":"a"}})").metadata == R"({"host":"a"})");
  CHECK(metric(R"({"metric":"cpu","value":1})").metadata == "{}");
}

TEST_CASE("a metric event without a type is taken for what its topic is about", "[handlers]") {
  HandlerBench bench;
  CHECK(effect_of<UpsertMetric>(bench.handle("metrics-events", R"({"metric":"cpu","value":1})")).metric ==
        "cpu");
}

TEST_CASE("the metrics of a beat become its row", "[handlers]") {
  HandlerBench bench;
  const Outcome outcome = bench.handle("analytics-events", "METRIC_CALCULATED",
                                       R"({"beatId":"b1","bpm":92,"loudness_label":"quiet"})");
  const auto& row = effect_of<UpsertBeatMetrics>(outcome);
  CHECK(row.beat_id == "b1");
  CHECK(row.core == std::vector<std::pair<std::string, ColumnValue>>{{"bpm", std::int64_t{92}}});
  CHECK(row.extra == R"({"loudness_label":"quiet"})");
}

TEST_CASE("a metric event that is neither form is a schema failure", "[handlers]") {
  HandlerBench bench;
  const auto fault = [&](const std::string& payload) {
    return told(bench.handle("metrics-events", "METRIC_UPDATED", payload));
  };
  CHECK(fault("{}") == "reject schema: neither metric nor beatId is there");
  CHECK(fault(R"({"metric":"cpu"})") == "reject schema: value is missing");
  CHECK(fault(R"({"metric":"cpu","value":null})") == "reject schema: value is missing");
  CHECK(fault(R"({"metric":"cpu","value":1,"metadata":[]})") == "reject schema: metadata is not an object");
  CHECK(fault(R"({"beatId":"b1","bpm":"fast"})") == "reject schema: bpm is not a number");
  CHECK(fault(R"({"beatId":"b1","beats":{}})") == "reject schema: beats is not an array");
  CHECK(fault(R"({"beatId":"b1","channels":1.5})") == "reject schema: channels is not an integer");
}

TEST_CASE("a refresh of the dashboard asks for nothing else", "[handlers]") {
  HandlerBench bench;
  const Outcome outcome = bench.handle("metrics-events", "DASHBOARD_REFRESH", "null");
  CHECK(std::holds_alternative<RefreshDashboard>(std::get<Done>(outcome).effects.at(0)));
}

TEST_CASE("a notification needs all its three fields", "[handlers]") {
  HandlerBench bench;
  const Outcome outcome = bench.handle("notifications", R"({"user_id":17,"event":"e","content":{"a": 1}})");
  const auto& row = effect_of<InsertNotification>(outcome);
  CHECK(row.user_id == "17");
  CHECK(row.event == "e");
  CHECK(row.content == R"({"a": 1})");
  CHECK(effect_of<InsertNotification>(
            bench.handle("notifications", R"({"user_id":"u","event":"e","content":"a\nb"})"))
            .content == "a\nb");
  const std::string payload = GENERATE(
      R"({"event":"e","content":"c"})", R"({"user_id":"u","content":"c"})", R"({"user_id":"u","event":"e"})",
      R"({"user_id":"","event":"e","content":"c"})", R"({"user_id":"u","event":"e","content":""})");
  CHECK_THAT(told(bench.handle("notifications", payload)), Catch::StartsWith("reject schema: "));
}

TEST_CASE("an event of the generic topic is done without a trace", "[handlers]") {
  HandlerBench bench;
  const Outcome outcome = bench.handle("generic_topic", "[1,2]");
  CHECK(std::get<Done>(outcome).effects.empty());
}

TEST_CASE("a quiz event becomes a row with its own JSON", "[handlers]") {
  HandlerBench bench;
  const std::string json =
      R"({"event_id":"q1","event_type":"ANSWERED","timestamp":"2026-01-31T09:00:00Z","session_id":"s1","quiz_id":"z1",)"
      R"("classroom_id":"c1","question_id":"n1","timer_sec":1.50})";
  const Outcome outcome = bench.handle("quiz-events", json);
  const auto& row = effect_of<UpsertQuizEvent>(outcome);
  CHECK(row.event_id == "q1");
  CHECK(row.event_type == "ANSWERED");
  CHECK(row.session_id == "s1");
  CHECK(row.timer_sec == 1.5);
  CHECK(row.raw == json);
}

TEST_CASE("a quiz event may come in another shape around it", "[handlers]") {
  HandlerBench bench;
  const Outcome outcome = bench.handle(
      "quiz-events",
      R"({"id":"v1","type":"ANSWERED","version":"1","data":{"session_id":"s1","timer_sec":null}})");
  const auto& row = effect_of<UpsertQuizEvent>(outcome);
  CHECK(row.event_id == "v1");
  CHECK(row.event_type == "ANSWERED");
  CHECK_FALSE(row.timer_sec.has_value());
}

TEST_CASE("a quiz event without an id, a type or a session is a schema failure", "[handlers]") {
  HandlerBench bench;
  const std::string json =
      GENERATE(R"({"event_type":"A","session_id":"s"})", R"({"event_id":"q","session_id":"s"})",
               R"({"event_id":"q","event_type":"A"})", "{}", "7",
               R"({"event_id":"q","event_type":"A","session_id":"s","timer_sec":"60"})",
               R"({"event_id":true,"event_type":"A","session_id":"s"})",
               R"({"event_id":"q","event_type":5,"session_id":"s"})");
  INFO(json);
  CHECK_THAT(told(bench.handle("quiz-events", json)), Catch::StartsWith("reject schema: "));
}

TEST_CASE("an event of the backend is kept whole, with whom it is about", "[handlers]") {
  HandlerBench bench;
  const std::string json =
      R"({"id":"e1","type":"conversation.message","data":{"conversation_id":"c1","user_id":"u1"}})";
  const Outcome outcome = bench.handle("conversation.events", json);
  const auto& row = effect_of<AppendEvent>(outcome);
  CHECK(row.type == "conversation.message");
  CHECK(row.subject == "c1");
  CHECK(row.raw == json);
  CHECK(std::get<Done>(outcome).effects.size() == 1);
}

TEST_CASE("a business metric is kept apart from the same metric of another business", "[handlers]") {
  HandlerBench bench;
  const auto metric = [&](const std::string& payload) {
    return effect_of<UpsertMetric>(bench.handle("business.analytics", "business.analytics.update", payload));
  };
  const UpsertMetric of_one = metric(R"({"metric_name":"users","metric_value":1250,"business_id":"biz-7"})");
  CHECK(of_one.metric == "biz-7/users");
  CHECK(of_one.value == "1250");
  CHECK(of_one.metadata == R"({"metric_name":"users","metric_value":1250,"business_id":"biz-7"})");
  CHECK(metric(R"({"metric_name":"users","metric_value":1})").metric == "users");
}

TEST_CASE("a backend event without what its kind needs is a schema failure", "[handlers]") {
  HandlerBench bench;
  CHECK(told(bench.handle("conversation.events", "conversation.started", "{}")) ==
        "reject schema: conversation_id is missing");
  CHECK(told(bench.handle("ai.responses", "ai.response.generated", "{}")) ==
        "reject schema: model_name is missing");
  CHECK(told(bench.handle("business.analytics", "business.analytics.update", R"({"metric_name":"m"})")) ==
        "reject schema: metric_value is missing");
  CHECK(told(bench.handle("system.monitoring", R"({"a":1})")) == "reject schema: the event has no type");
}
