// Schemas that are refused, strings that are bounded, and the types of the catalogue.
#include "kbeat/schema/catalog.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"

using namespace kbeat;
using namespace kbeat::schema;

namespace {

Event event_of(const std::string& json, const std::string& topic = "") {
  static Record record;  // the event's views point into it
  record = Record{.topic = TopicName(topic), .value = json};
  const RecordLoan loan(record);
  Event event = parse_event(loan.view());
  event.body = event.body.data() == loan.view().value->data() ? std::string_view(*record.value) : event.body;
  return event;
}

}  // namespace

TEST_CASE("a schema that cannot be trusted with events is refused", "[schema]") {
  const std::vector<std::pair<std::string, std::string>> schemas{
      {"{", "not JSON"},
      {"[]", "an object"},
      {R"({"$ref":"http://example.com/x"})", "nothing else is fetched"},
      {R"({"$ref":"#/definitions/x"})", "leads nowhere"},
      {R"({"$ref":"#"})", "refers to itself without end"},
      {R"({"allOf":[{"anyOf":[{"$ref":"#"}]}]})", "refers to itself without end"},
      {R"({"properties":{"a":{"prefixItems":[]}}})", "newer than draft 7"},
      {R"({"type":"strnig"})", "schema mine: "},
      {R"({"properties":{"a":{"pattern":"(?<=a)b"}}})", "\"(?<=a)b\" is no pattern"},
      {R"({"patternProperties":{"(":{}}})", "\"(\" is no pattern"},
  };
  for (const auto& [text, reason] : schemas) {
    CAPTURE(text);
    CHECK_THROWS_WITH(compile_schema(text, "mine"),
                      Catch::Contains("schema mine: ") && Catch::Contains(reason));
  }
}

TEST_CASE("a schema may refer to itself below a property, and name one like a keyword", "[schema]") {
  const auto tree =
      compile_schema(R"({"type":"object","properties":{"child":{"$ref":"#"},"n":{"type":"integer"},
                                       "prefixItems":{"type":"string"}}})",
                     "tree");
  CHECK(tree->faults(R"({"child":{"child":{"n":1}}})").empty());
  CHECK(tree->faults(R"({"child":{"child":{"n":"x"}}})").front() ==
        "/child/child/n: Value type not permitted by 'type' constraint.");
}

TEST_CASE("a number without a fraction is an integer, however it is written", "[schema]") {
  const auto validator =
      compile_schema(R"({"items":{"type":"integer"},"properties":{"n":{"const":2.0}}})", "n");
  for (const char* const fits : {"[1.0,1e2,-0.0,-3.0e0,9007199254740993]", R"({"n":2})", R"({"n":2.0})"})
    CHECK(validator->faults(fits).empty());
  for (const char* const misfit : {"[1.5]", "[1e-2]", R"(["1.0"])", R"({"n":2.5})"})
    CHECK_FALSE(validator->faults(misfit).empty());
}

TEST_CASE("a string under a pattern is bounded, a huge one is a fault and no crash", "[schema]") {
  const auto pattern = compile_schema(R"({"properties":{"a":{"type":"string","pattern":"^(a|b)*$"}}})", "p");
  const auto with = [](std::size_t length) { return R"({"a":")" + std::string(length, 'a') + R"("})"; };
  CHECK(pattern->faults(with(4096)).empty());
  CHECK_FALSE(pattern->faults(with(4097)).empty());
  CHECK_FALSE(pattern->faults(with(10'000'000)).empty());
  CHECK_FALSE(pattern->faults(R"({"a":"abc"})").empty());
  const auto keys = compile_schema(R"({"patternProperties":{"^(a|b)*$":{"type":"integer"}}})", "k");
  CHECK_FALSE(keys->faults(R"({")" + std::string(1'000'000, 'a') + R"(":1})").empty());
  CHECK_FALSE(keys->faults(R"({"ab":"x"})").empty());
}

TEST_CASE("an event's type is found by topic and type, or by its type alone", "[schema]") {
  const Catalog catalog;
  const Event created = event_of(R"({"type":"BEAT_CREATED","payload":{"beatId":"b","audioUrl":"u"}})");
  CHECK(catalog.check("beats-events", created).verdict == Verdict::valid);
  CHECK(catalog.check("", created).verdict == Verdict::valid);
  CHECK(catalog.check("orders", created).verdict == Verdict::unknown);
  const Event quiz = event_of(R"({"event_id":"1","event_type":"Q"})");
  CHECK(catalog.check("quiz-events", quiz).verdict == Verdict::invalid);
  CHECK(catalog.check("", quiz).verdict == Verdict::unknown);
  CHECK(catalog.check_own("quiz-events", quiz).verdict == Verdict::unknown);
}

TEST_CASE("a type of the user's comes before one of kbeat's of the same name", "[schema]") {
  Catalog catalog;
  const std::size_t before = catalog.types().size();
  catalog.add({.name = "BEAT_CREATED",
               .type = "BEAT_CREATED",
               .topics = {},
               .title = {},
               .source = "mine.json",
               .text = R"({"required":["genre"]})"});
  CHECK(catalog.types().size() == before);
  const Event created = event_of(R"({"type":"BEAT_CREATED","payload":{"beatId":"b","audioUrl":"u"}})");
  CHECK(catalog.check("beats-events", created).faults ==
        std::vector<std::string>{"/: Missing required property 'genre'."});
  CHECK(catalog.check_own("beats-events", created).verdict == Verdict::invalid);
}
