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
