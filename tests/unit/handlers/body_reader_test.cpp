// Reading an event's fields, and what is said about those that are wrong.
#include "kbeat/handlers/body_reader.hpp"

#include <catch2/catch.hpp>

using namespace kbeat;
using handlers::BodyReader;
using handlers::to_column;

namespace {

std::string reason_of(const BodyReader& body) {
  return body.rejection() ? body.rejection()->reason : "none";
}

}  // namespace

TEST_CASE("fields are read by name, escapes and all", "[handlers]") {
  BodyReader body(R"( { "a" : "x\u00e9\n", "n": -1.5e3, "i": 42, "o": {"k":[1, 2]}, "é": "key" } )");
  CHECK(body.text("a") == "xé\n");
  CHECK(body.optional_number("n") == -1500.0);
  CHECK(body.id("i") == "42");
  CHECK(body.optional_object("o") == R"({"k":[1, 2]})");
  CHECK(body.text("é") == "key");
  CHECK(body.json("n") == "-1.5e3");
  CHECK(reason_of(body) == "none");
}

TEST_CASE("what is absent or null is the same", "[handlers]") {
  BodyReader body(R"({"n":null})");
  for (const char* name : {"n", "absent"}) {
    CHECK_FALSE(body.has(name));
    CHECK(body.optional_text(name).empty());
    CHECK_FALSE(body.optional_number(name).has_value());
    CHECK(body.optional_object(name) == "{}");
  }
  CHECK(reason_of(body) == "none");
}

TEST_CASE("the first fault is kept, as a schema rejection", "[handlers]") {
  BodyReader body(R"({"empty":"","number":1,"long":"xxxx"})");
  (void)body.text("missing");
  (void)body.text("empty");
  CHECK(reason_of(body) == "missing is missing");
  CHECK(body.rejection()->category == FailureCategory::schema);
}

TEST_CASE("each kind of fault has its words", "[handlers]") {
  const std::string json = R"({"empty":"","number":1.5,"long":"xxxx","text":"t"})";
  const auto fault = [&](auto read) {
    BodyReader body(json);
    (void)read(body);
    return reason_of(body);
  };
  CHECK(fault([](BodyReader& body) { return body.text("empty"); }) == "empty is empty");
  CHECK(fault([](BodyReader& body) { return body.text("number"); }) == "number is not a string");
  CHECK(fault([](BodyReader& body) { return body.id("number"); }) == "number is not a string");
  CHECK(fault([](BodyReader& body) { return body.text("long", 3); }) == "long is longer than 3 bytes");
  CHECK(fault([](BodyReader& body) { return body.optional_number("text"); }) == "text is not a number");
  CHECK(fault([](BodyReader& body) { return body.optional_object("text"); }) == "text is not an object");
  CHECK(fault([](BodyReader& body) { return body.json("absent"); }) == "absent is missing");
}

TEST_CASE("a body that is no object is a fault", "[handlers]") {
  const std::string json = GENERATE("1", "[1]", "\"a\"", "null", "true");
  BodyReader body(json);
  CHECK(reason_of(body) == "the event's body is not a JSON object");
  CHECK(body.fields().empty());
}

TEST_CASE("a field that is there twice counts with its first value", "[handlers]") {
  BodyReader body(R"({"a":"first","a":"second"})");
  CHECK(body.text("a") == "first");
}

TEST_CASE("a JSON value becomes a column of its kind", "[handlers]") {
  CHECK(to_column("null") == ColumnValue(nullptr));
  CHECK(to_column("true") == ColumnValue(std::int64_t{1}));
  CHECK(to_column("-7") == ColumnValue(std::int64_t{-7}));
  CHECK(to_column("1.10") == ColumnValue(1.1));
  CHECK(to_column("99999999999999999999") == ColumnValue(1e20));
  CHECK(to_column(R"("a\"b")") == ColumnValue(std::string("a\"b")));
  CHECK(to_column("[1,2]") == ColumnValue(std::string("[1,2]")));
}
