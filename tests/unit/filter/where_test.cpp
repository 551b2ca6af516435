// The --where language: what holds, what does not, what is refused.
#include <catch2/catch.hpp>
#include <string>

#include "kbeat/base/error.hpp"
#include "kbeat/filter/where.hpp"
#include "support/thrown.hpp"

using kbeat::filter::Where;

namespace {

bool holds(const std::string& expression, const std::string& value) {
  return Where(expression).holds(value);
}

constexpr const char* k_order =
    R"({"type":"ORDER","n":9007199254740993,"price":1.10,"neg":-7,"big":18446744073709551615,
  "open":true,"gone":null,"user":{"id":"u1","tags":["a","b"]},"items":[{"id":1},{"id":22}],"empty":{},
  "caf\u00e9":"au lait","a\/b":1,"quote":"say \"hi\"","first-name":"Ann"})";

}  // namespace

TEST_CASE("a comparison holds by value", "[filter]") {
  const std::string expression = GENERATE(
      R"(type == "ORDER")", R"(type = 'ORDER')", "n == 9007199254740993", "n != 9007199254740992",
      "n > 9007199254740992", "price == 1.1", "price < 1.11", "neg < 0", "neg <= -7",
      "big == 18446744073709551615", "open == true", "open != false", "gone == null", R"(type >= "ORD")",
      R"(type < "P")", "price in (1, 1.10)", R"(type in ["A","ORDER"])", R"(type not in ("A", "B"))",
      R"(type =~ "^OR")", R"(type =~ "(?i)^or.er$")", R"(type !~ "^X")");
  INFO(expression);
  CHECK(holds(expression, k_order));
}

TEST_CASE("a path leads through objects, arrays and odd names", "[filter]") {
  const std::string expression = GENERATE(
      R"($.user.id == "u1")", R"(.user.id == "u1")", R"(user["id"] == "u1")", R"(.["type"] == "ORDER")",
      "items[1].id == 22", "items[*].id == 22", "items.*.id == 1", R"(user.tags[*] == "b")",
      R"(user.* == "u1")", R"(café == "au lait")", R"(["a/b"] == 1)", R"(first-name == "Ann")",
      R"(quote == "say \"hi\"")", R"(quote == 'say "hi"')", "exists user.tags", "exists(gone)",
      "empty exists", "not exists user.name", "items[*].id != 3");
  INFO(expression);
  CHECK(holds(expression, k_order));
}

TEST_CASE("a comparison does not hold for another value, type or place", "[filter]") {
  const std::string expression =
      GENERATE(R"(type == "order")", "n == 9007199254740992", R"(n == "9007199254740993")", "open == 1",
               "gone == false", "missing == null", "missing < 3", "missing == 3", "user == null",
               "items[2].id == 1", "items[*].id == 3", "items[*].id != 22", "type.x == 1", "user[0] == 1",
               R"(items["id"] == 1)", "exists missing", "price =~ \"1\"", "open > false", "gone in (1, 2)",
               "not open == true", "exists user.tags.a");
  INFO(expression);
  CHECK_FALSE(holds(expression, k_order));
}

TEST_CASE("and binds tighter than or, and not tighter than both", "[filter]") {
  CHECK(holds("a == 1 or a == 2 and b == 3", R"({"a":1,"b":0})"));
  CHECK_FALSE(holds("(a == 1 or a == 2) and b == 3", R"({"a":1,"b":0})"));
  CHECK(holds("not a == 2 and b == 0", R"({"a":1,"b":0})"));
  CHECK(holds("!(a == 2 && b == 0) || a == 9", R"({"a":1,"b":0})"));
}

TEST_CASE("a value that is no JSON satisfies nothing, not even a negation", "[filter]") {
  const std::string value = GENERATE("", "  ", "plain text", "{\"a\":1", "[INFO] started", "{not json}",
                                     "nul", "tru", "\"open", "{\"a\" 1}", "\xff\xfe");
  INFO(value);
  CHECK_FALSE(holds("a != 2", value));
  CHECK_FALSE(holds("not exists zzz", value));
  CHECK_FALSE(holds("$ != 4", value));
}

TEST_CASE("a scalar is a document too", "[filter]") {
  CHECK(holds("$ == 3", " 3 "));
  CHECK(holds(R"($ == "x")", R"("x")"));
  CHECK(holds("$ == null", "null"));
  CHECK(holds("$ in (true)", "true"));
  CHECK(holds("$ exists", "1"));
  CHECK_FALSE(holds("a == 3", "3"));
  CHECK(holds("a != 3", "3"));
}

TEST_CASE("of two fields with one name the first counts", "[filter]") {
  CHECK(holds("a == 1", R"({"a":1,"a":2})"));
  CHECK_FALSE(holds("a == 2", R"({"a":1,"a":2})"));
}

TEST_CASE("one expression serves many values", "[filter]") {
  Where where("a == 1 or b[*].c == 'x'");
  CHECK(where.holds(R"({"a":1})"));
  CHECK_FALSE(where.holds("{"));
  CHECK(where.holds(R"({"b":[{"c":"y"},{"c":"x"}]})"));
  CHECK_FALSE(where.holds(R"({"b":[]})"));
}

TEST_CASE("a deep value is walked without a deep stack", "[filter]") {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  CHECK_FALSE(holds("a == 1", deep));
}

TEST_CASE("a wrong expression is refused with its place", "[filter]") {
  const auto message = [](const std::string& expression) {
    const auto refused = kbeat::test::thrown_by([&] { Where where(expression); });
    return refused ? std::string(refused->what()) : std::string("accepted");
  };
  CHECK_THAT(message("type == BEAT"), Catch::Contains("quotes: \"BEAT\"") && Catch::Contains("byte 9"));
  CHECK_THAT(message("a == 1 b"), Catch::Contains("expected and, or, or the end"));
  CHECK_THAT(message("a =="), Catch::Contains("expected a string, a number"));
  CHECK_THAT(message("a"), Catch::Contains("expected == !="));
  CHECK_THAT(message(""), Catch::Contains("path"));
  CHECK_THAT(message("(a == 1"), Catch::Contains("expected )"));
  CHECK_THAT(message("a == 'x"), Catch::Contains("no end"));
  CHECK_THAT(message("a == \"\\q\""), Catch::Contains("\\q is no escape"));
  CHECK_THAT(message("a =~ \"(\""), Catch::Contains("regular expression"));
  CHECK_THAT(message("a =~ 3"), Catch::Contains("in quotes"));
  CHECK_THAT(message("a[18446744073709551616] == 1"), Catch::Contains("too large"));
  CHECK_THAT(message("a[-1] == 1"), Catch::Contains("expected a number, *"));
  CHECK_THAT(message("a ; b"), Catch::Contains("\";\" has no meaning"));
  CHECK_THAT(message("a == b"), Catch::Contains("quotes"));
  CHECK_THAT(message(std::string(100, '(') + "a == 1" + std::string(100, ')')), Catch::Contains("too deep"));
}
