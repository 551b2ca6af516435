// Avro and Protobuf by golden bytes of their specifications, and by bytes that are damaged.
#include "kbeat/schema/codec.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "kbeat/base/error.hpp"
#include "kbeat/schema/wire_format.hpp"

using namespace kbeat;
using namespace kbeat::schema;

namespace {

struct Golden {
  std::string schema;
  std::string json;
  std::string bytes;
};

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

constexpr const char* k_tree = R"({"type":"record","name":"Node","namespace":"a.b","fields":[
  {"name":"label","type":"string"},{"name":"n","type":["null","long","double"],"default":null},
  {"name":"tags","type":{"type":"map","values":"boolean"},"default":{}},
  {"name":"color","type":{"type":"enum","name":"Color","symbols":["RED","BLUE"]}},
  {"name":"raw","type":{"type":"fixed","name":"Two","size":2}},
  {"name":"children","type":{"type":"array","items":"Node"},"default":[]}]})";

constexpr const char* k_proto = R"(syntax = "proto3"; package shop; import "google/protobuf/timestamp.proto";
message Order { int32 number = 1; string name = 2; repeated double price = 3; google.protobuf.Timestamp at = 4;
  message Line { int64 count = 1; } Line line = 5; })";

}  // namespace

TEST_CASE("Avro values have the bytes of its specification, both ways", "[schema]") {
  const std::vector<Golden> golden{
      {R"("long")", "0", bytes({0x00})},
      {R"("long")", "-1", bytes({0x01})},
      {R"("long")", "1", bytes({0x02})},
      {R"("long")", "-64", bytes({0x7f})},
      {R"("long")", "64", bytes({0x80, 0x01})},
      {R"("long")", "-9223372036854775808", bytes({255, 255, 255, 255, 255, 255, 255, 255, 255, 1})},
      {R"("string")", R"("foo")", bytes({0x06, 0x66, 0x6f, 0x6f})},
      {R"("bytes")", "\"\u00ff\"", bytes({0x02, 0xff})},
      {R"("float")", "1.5", bytes({0, 0, 0xc0, 0x3f})},
      {R"({"type":"record","name":"test","fields":[{"name":"a","type":"long"},{"name":"b","type":"string"}]})",
       R"({"a":27,"b":"foo"})", bytes({0x36, 0x06, 0x66, 0x6f, 0x6f})},
      {R"({"type":"array","items":"long"})", "[3,27]", bytes({0x04, 0x06, 0x36, 0x00})},
      {R"(["null","string"])", "null", bytes({0x00})},
      {R"(["null","string"])", R"("a")", bytes({0x02, 0x02, 0x61})},
  };
  for (const Golden& one : golden) {
    CAPTURE(one.schema, one.json);
    const auto codec = make_avro_codec(one.schema, {});
    CHECK(codec->encode(one.json) == one.bytes);
    CHECK(codec->decode(one.bytes) == one.json);
  }
}

TEST_CASE("an Avro record names itself, takes defaults and its tagged unions", "[schema]") {
  const auto codec = make_avro_codec(k_tree, {});
  const std::string node =
      R"({"label":"x","n":null,"tags":{"t":true},"color":"BLUE","raw":"ab","children":[]})";
  const std::string parent =
      R"({"label":"p","n":5,"tags":{},"color":"RED","raw":"cd","children":[)" + node + "]}";
  CHECK(codec->decode(codec->encode(parent)) == parent);
  CHECK(codec->decode(codec->encode(R"({"label":"x","n":{"double":2},"color":"RED","raw":"ab"})")) ==
        R"({"label":"x","n":2,"tags":{},"color":"RED","raw":"ab","children":[]})");
}

TEST_CASE("JSON that does not fit an Avro schema is refused with its place", "[schema]") {
  const auto codec = make_avro_codec(k_tree, {});
  const auto fault = [&codec](const std::string& json) {
    try {
      static_cast<void>(codec->encode(json));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK_THAT(fault(R"({"label":1,"color":"RED","raw":"ab"})"), Catch::StartsWith("label is not a string"));
  CHECK_THAT(fault(R"({"label":"x","color":"GREEN","raw":"ab"})"), Catch::Contains("a symbol of a.b.Color"));
  CHECK_THAT(fault(R"({"label":"x","color":"RED","raw":"abc"})"), Catch::Contains("2 bytes long"));
  CHECK_THAT(fault(R"({"label":"x","raw":"ab"})"), Catch::Contains("with a field color"));
  CHECK_THAT(fault(R"({"label":"x","color":"RED","raw":"ab","z":1})"), Catch::Contains("without a field z"));
  CHECK_THAT(fault(std::string(1000, '[')), Catch::Contains("not JSON"));
}

TEST_CASE("an Avro schema that cannot be read is refused", "[schema]") {
  for (const std::string text : {"{", "\"nope\"", "[]", R"({"type":"record","name":"r"})",
                                 R"({"type":"enum","name":"e","symbols":[1]})", "7"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(make_avro_codec(text, {}), Error);
  }
  CHECK_NOTHROW(make_avro_codec("\"other.Name\"",
                                {{"other.Name", R"({"type":"fixed","name":"other.Name","size":1})"}}));
}

TEST_CASE("damaged Avro bytes are an error or a value, never more", "[schema]") {
  const auto codec = make_avro_codec(k_tree, {});
  const std::string good =
      codec->encode(R"({"label":"parent","n":1,"tags":{"a":true},"color":"RED","raw":"ab",
    "children":[{"label":"c","color":"BLUE","raw":"cd"},{"label":"d","n":1.5,"color":"BLUE","raw":"cd"}]})");
  std::mt19937 random(7);
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = good.substr(0, random() % (good.size() + 1));
    for (unsigned n = random() % 4; n > 0 && !damaged.empty(); --n)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    try {
      static_cast<void>(codec->decode(damaged));
    } catch (const Error& error) {
      ++refused;
      REQUIRE(error.code() == ErrorCode::bad_input);
    }
  }
  CHECK(refused > 15'000);
  const auto nulls = make_avro_codec(R"({"type":"array","items":"null"})", {});
  CHECK_THROWS_WITH(nulls->decode(bytes({254, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0})),
                    Catch::Contains("too large as JSON"));
}

TEST_CASE("Protobuf values have the bytes of its specification behind the message's index", "[schema]") {
  const auto codec = make_protobuf_codec(k_proto, {});
  const std::string order = bytes({0x00, 0x08, 0x96, 0x01, 0x12, 0x07, 't', 'e', 's', 't', 'i', 'n', 'g'});
  CHECK(codec->encode(R"({"number":150,"name":"testing"})") == order);
  CHECK(codec->decode(order) == R"({"number":150,"name":"testing","price":[]})");
  CHECK(codec->decode(bytes({0x02, 0x00, 0x08, 0x01})) == R"({"number":1,"name":"","price":[]})");
  CHECK(codec->decode(bytes({0x04, 0x00, 0x00, 0x08, 0x05})) == R"({"count":"5"})");
  CHECK_THAT(codec->decode(codec->encode(R"({"at":"2026-01-31T09:00:00Z"})")),
             Catch::Contains(R"("at":"2026-01-31T09:00:00Z")"));
}

TEST_CASE("Protobuf bytes, JSON or schemas that are wrong are refused", "[schema]") {
  const auto codec = make_protobuf_codec(k_proto, {});
  CHECK_THROWS_WITH(codec->decode(bytes({0x02, 0x08})),
                    Catch::Contains("which") || Catch::Contains("has not"));
  CHECK_THROWS_AS(codec->decode(""), Error);
  CHECK_THROWS_WITH(codec->decode(bytes({0x00, 0x12, 0x7f})), Catch::Contains("is no shop.Order"));
  CHECK_THROWS_WITH(codec->encode(R"({"nope":1})"), Catch::Contains("does not fit"));
  CHECK_THROWS_WITH(make_protobuf_codec("message {", {}), Catch::Contains("line 1"));
  CHECK_THROWS_WITH(make_protobuf_codec(R"(syntax="proto3"; import "other.proto"; message A {})", {}),
                    Catch::Contains("other.proto"));
  CHECK_NOTHROW(make_protobuf_codec(R"(syntax="proto3"; import "other.proto"; message A { B b = 1; })",
                                    {{"other.proto", R"(syntax="proto3"; message B {})"}}));
}

TEST_CASE("a Protobuf schema may be a compiled file, and another message than the first be meant",
          "[schema]") {
  // protoc --descriptor_set_out of: syntax = "proto3"; message A {} message B { message C { int32 n = 1; } }
  const auto codec =
      make_protobuf_codec("Cgd4LnByb3RvIgMKAUEiFgoBQhoRCgFDEgwKAW4YASABKAVSAW5iBnByb3RvMw==", {});
  CHECK(codec->encode(R"({"n":5})", "B.C") == bytes({0x04, 0x02, 0x00, 0x08, 0x05}));
  CHECK(codec->decode(bytes({0x04, 0x02, 0x00, 0x08, 0x05})) == R"({"n":5})");
  CHECK(codec->encode("{}", "A") == bytes({0x00}));
  CHECK(codec->encode("{}", "B") == bytes({0x02, 0x02}));
  CHECK_THROWS_WITH(codec->encode("{}", "C"), Catch::Contains("has no message C"));
}

TEST_CASE("a JSON Schema is looked at when something is encoded, with those that it refers to", "[schema]") {
  const auto newer = make_json_codec(R"({"unevaluatedProperties":false})", {});
  CHECK(newer->decode(R"({"a":1})") == R"({"a":1})");
  CHECK_THROWS_WITH(newer->encode(R"({"a":1})"), Catch::Contains("newer than draft 7"));
  const auto order = make_json_codec(
      R"({"properties":{"item":{"$ref":"item.json#/definitions/n"},"x":{"$ref":"http://e.org/x"}}})",
      {{"item.json", R"({"definitions":{"n":{"$ref":"#/definitions/m"},"m":{"type":"number"}}})"},
       {"x", R"({"$id":"http://e.org/x","type":"string"})"}});
  CHECK(order->encode(R"({"item":1,"x":"a"})") == R"({"item":1,"x":"a"})");
  CHECK_THROWS_WITH(order->encode(R"({"item":"1"})"), Catch::Contains("/item"));
  CHECK_THROWS_WITH(order->encode(R"({"x":1})"), Catch::Contains("/x"));
}

TEST_CASE("what a JSON Schema does not describe can be read and is told apart", "[schema]") {
  const auto order = make_json_codec(R"({"properties":{"total":{"type":"integer"}}})", {});
  CHECK(order->decode(R"({"total":"x"})") == R"({"total":"x"})");
  CHECK_NOTHROW(order->check(R"({"total":1})"));
  CHECK_THROWS_WITH(order->check(R"({"total":"x"})"), Catch::Contains("does not fit its schema: /total"));
  const auto newer = make_json_codec(R"({"unevaluatedProperties":false})", {}, "5");
  CHECK_NOTHROW(newer->check(R"({"a":1})"));
  CHECK_THROWS_WITH(newer->encode(R"({"a":1})"),
                    Catch::StartsWith("schema 5: unevaluatedProperties is newer"));
}

TEST_CASE("a frame is a zero byte and an id in four", "[schema]") {
  CHECK(frame(258, "x") == bytes({0, 0, 0, 1, 2, 'x'}));
  CHECK(read_frame(bytes({0, 0, 0, 1, 2, 'x'}))->id == 258);
  CHECK_FALSE(read_frame("{\"a\":1}").has_value());
  CHECK_FALSE(read_frame(bytes({0, 0, 0, 1})).has_value());
}
