// The shapes of events that are understood, in their order, and what is refused.
#include "kbeat/model/event.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"

using namespace kbeat;

namespace {

Event parsed(std::string_view value, std::span<const HeaderView> headers = {}) {
  return parse_event(RecordView{.topic = "t", .value = value, .headers = headers});
}

}  // namespace

TEST_CASE("type and payload make an event whose body is the payload, byte for byte", "[model][event]") {
  const std::string value = R"( {"type":"BEAT_CREATED", "payload": {"n": 9007199254740993, "x":1.10} } )";
  const Event event = parsed(value);
  CHECK(event.shape == EventShape::type_payload);
  CHECK(event.type == "BEAT_CREATED");
  CHECK(event.body == R"({"n": 9007199254740993, "x":1.10})");
  CHECK(event.body.data() >= value.data());
  CHECK(event.document == value);
}

TEST_CASE("CloudEvents are understood in both modes", "[model][event]") {
  const Event structured =
      parsed(R"({"specversion":"1.0","id":"7","source":"/s","type":"T","data":{"a":1}})");
  CHECK(structured.shape == EventShape::cloudevents_structured);
  CHECK(structured.id == "7");
  CHECK(structured.source == "/s");
  CHECK(structured.body == R"({"a":1})");

  const HeaderView headers[] = {
      {"ce_specversion", "1.0"}, {"ce_id", "7"}, {"ce_source", "/s"}, {"ce_type", "T"}};
  const Event binary = parsed(R"({"a":1})", headers);
  CHECK(binary.shape == EventShape::cloudevents_binary);
  CHECK(binary.type == "T");
  CHECK(binary.body == R"({"a":1})");
}

TEST_CASE("the versioned shape has an id and a correlation id", "[model][event]") {
  const Event event =
      parsed(R"({"id":"e1","type":"ai.response.generated","version":"1.0","source":"api",)"
             R"("timestamp":"2026-01-01T00:00:00Z","correlation_id":"c1","data":{},"metadata":{}})");
  CHECK(event.shape == EventShape::versioned);
  CHECK(event.id == "e1");
  CHECK(event.correlation_id == "c1");
  CHECK(event.body == "{}");
}

TEST_CASE("event_id and event_type make an event that is its own body", "[model][event]") {
  const Event event = parsed(R"({"event_id":"q1","event_type":"QUESTION_PUBLISHED","session_id":"s"})");
  CHECK(event.shape == EventShape::event_id_type);
  CHECK(event.id == "q1");
  CHECK(event.type == "QUESTION_PUBLISHED");
  CHECK(event.body == event.document);
}

TEST_CASE("any other JSON is bare, and the first of two fields of a name counts", "[model][event]") {
  CHECK(parsed("[1,2]").shape == EventShape::bare);
  CHECK(parsed("null").shape == EventShape::bare);
  CHECK(parsed(R"({"data":{"DEVICE_ID":"1"}})").shape == EventShape::bare);
  CHECK(parsed(R"({"type":"A","type":"B","payload":{}})").type == "A");
}

TEST_CASE("an id that is a whole number is taken as its digits", "[model][event]") {
  CHECK(parsed(R"({"event_id":7 ,"event_type":"T"})").id == "7");
  CHECK(parsed(R"({"event_id":-0,"event_type":"T"})").id == "0");
  CHECK(parsed("{\"event_id\":-12\n,\"event_type\":\"T\"}").id == "-12");
}

TEST_CASE("a tombstone, broken text and deep nesting are no events", "[model][event]") {
  CHECK_THROWS_WITH(parse_event(RecordView{.topic = "t"}), Catch::Contains("tombstone"));
  for (const std::string& value : {std::string(), std::string("{"), std::string("{}x"), std::string("hello"),
                                   std::string("\xEF\xBB\xBF{}"), std::string("\"\xff\""),
                                   std::string(65, '[') + std::string(65, ']')}) {
    CAPTURE(value);
    CHECK_THROWS_AS(parsed(value), Error);
    CHECK_FALSE(is_json(value));
  }
}

TEST_CASE("numbers that no type holds are JSON, broken ones are not", "[model][event]") {
  for (const char* text : {R"({"n":18446744073709551616,"s":"0123\"45\\"})",
                           R"([-9223372036854775809,1e400,-1.5E-4000,0.000001])"}) {
    CAPTURE(text);
    CHECK(is_json(text));
  }
  for (const char* text : {"[1e400,01]", "[1e400,1.]", "[1e400", "{\"a\":1e+}", "[18446744073709551616,]"}) {
    CAPTURE(text);
    CHECK_FALSE(is_json(text));
  }
  const std::string big = R"({"type":"T","payload":{"n":18446744073709551616}})";
  CHECK(parsed(big).body == R"({"n":18446744073709551616})");
}

TEST_CASE("nesting is allowed up to the limit and a million levels are harmless", "[model][event]") {
  CHECK(is_json(std::string(64, '[') + std::string(64, ']')));
  CHECK_FALSE(is_json(std::string(64, '[') + "1,{},[ ]" + std::string(64, ']')));
  CHECK(is_json(std::string(64, '[') + "1" + std::string(64, ']')));
  CHECK_FALSE(is_json(std::string(64, '[') + "1," + std::string(64, ']')));
  CHECK(is_json(std::string(63, '[') + "{},\"[[[[\"" + std::string(63, ']')));
  std::string reason;
  CHECK_FALSE(is_json(std::string(1'000'000, '['), &reason));
  CHECK(reason == "it is nested deeper than 64 levels");
}
