// Merge patches that leave other bytes alone.
#include "kbeat/dlq/letter_patch.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"

using namespace kbeat;
using kbeat::dlq::JsonPatch;

TEST_CASE("a patch changes what it names and keeps the other bytes", "[dlq][patch]") {
  const Bytes value = R"({"big":9007199254740993,"n":1.10,"e":"\u00e9","in":{"a":1,"b":2}})";
  CHECK(JsonPatch(R"({"n":2})").apply(value) ==
        R"({"big":9007199254740993,"n":2,"e":"\u00e9","in":{"a":1,"b":2}})");
  CHECK(JsonPatch(R"({"in":{"a":null,"c":"x"},"new":{"k":null,"l":1}})").apply(value) ==
        R"({"big":9007199254740993,"n":1.10,"e":"\u00e9","in":{"b":2,"c":"x"},"new":{"l":1}})");
  CHECK(JsonPatch(R"({"\u00e9\"":1})").apply(Bytes(R"({"\u00e9\"":0,"x":1})")) == R"({"\u00e9\"":1,"x":1})");
}

TEST_CASE("space stays where it was, around what changes as well", "[dlq][patch]") {
  const Bytes value = R"( {"type":"T",  "n" : 1 , "z":[ 1,2 ] } )";
  CHECK(JsonPatch(R"({"n":2})").apply(value) == R"( {"type":"T",  "n" : 2 , "z":[ 1,2 ] } )");
  CHECK(JsonPatch(R"({"z":2})").apply(value) == R"( {"type":"T",  "n" : 1 , "z":2 } )");
  CHECK(JsonPatch(R"({"new":[ 1 ]})").apply(value) ==
        R"( {"type":"T",  "n" : 1 , "z":[ 1,2 ],"new":[ 1 ] } )");
  CHECK(JsonPatch(R"({"n":null})").apply(value) == R"( {"type":"T", "z":[ 1,2 ] } )");
  CHECK(JsonPatch(R"({"z":null})").apply(value) == R"( {"type":"T",  "n" : 1 } )");
  CHECK(JsonPatch(R"({"type":null,"n":null,"z":null})").apply(value) == " { } ");
  CHECK(JsonPatch("{}").apply(value) == value);
  CHECK(JsonPatch(R"({"in":{"b":2}})").apply(Bytes(R"({"in" : { "a" : "}," , "b":1 }})")) ==
        R"({"in" : { "a" : "}," , "b":2 }})");
  CHECK(JsonPatch(R"({"a":1})").apply(Bytes("{ }")) == R"({"a":1 })");
}

TEST_CASE("a name that stands there twice is left once, changed", "[dlq][patch]") {
  const Bytes value = R"({"dup":1, "x":0, "dup":2, "\u0064up":{"k":1}})";
  CHECK(JsonPatch(R"({"dup":3})").apply(value) == R"({ "x":0, "\u0064up":3})");
  CHECK(JsonPatch(R"({"dup":{"l":2}})").apply(value) == R"({ "x":0, "\u0064up":{"k":1,"l":2}})");
  CHECK(JsonPatch(R"({"dup":null})").apply(value) == R"({ "x":0})");
  CHECK(JsonPatch(R"({"x":1})").apply(value) == R"({"dup":1, "x":1, "dup":2, "\u0064up":{"k":1}})");
}

TEST_CASE("the examples of RFC 7396 hold", "[dlq][patch]") {
  const auto check = [](const char* value, const char* patch, const char* expected) {
    CHECK(JsonPatch(patch).apply(Bytes(value)) == expected);
  };
  check(R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})");
  check(R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})");
  check(R"({"a":"b"})", R"({"a":null})", R"({})");
  check(R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})");
  check(R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})");
  check(R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})");
  check(R"(["a","b"])", R"(["c","d"])", R"(["c","d"])");
  check(R"({"a":"foo"})", "null", "null");
  check(R"({"a":"foo"})", "\"bar\"", "\"bar\"");
  check(R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})");
  check(R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})");
  check("{}", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})");
}

TEST_CASE("what is not JSON is refused, patch and value", "[dlq][patch]") {
  CHECK_THROWS_WITH(JsonPatch("{a:1}"), Catch::Contains("--patch is not JSON"));
  CHECK_THROWS_WITH(JsonPatch("{}").apply(Bytes("text")), Catch::Contains("cannot be patched"));
  CHECK_THROWS_WITH(JsonPatch("{}").apply(std::nullopt), Catch::Contains("cannot be patched"));
}
