// The record envelope: what is written is read back byte for byte, and what is wrong is named.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "kbeat/base/error.hpp"
#include "kbeat/model/envelope_reader.hpp"
#include "kbeat/model/envelope_writer.hpp"

using namespace kbeat;

namespace {

Record stamped(std::optional<Bytes> key, std::optional<Bytes> value, std::vector<Header> headers = {}) {
  return {.topic = TopicName{"t"},
          .partition = Partition{2},
          .offset = Offset{7},
          .timestamp = WallTime{Milliseconds{1700000000123}},
          .timestamp_type = TimestampType::create,
          .key = std::move(key),
          .value = std::move(value),
          .headers = std::move(headers)};
}

std::string written(const Record& record, PayloadForm form = PayloadForm::text) {
  EnvelopeWriter writer(form);
  std::string line;
  writer.append(line, RecordLoan(record).view());
  return line;
}

Record read(const std::string& line) {
  EnvelopeReader reader;
  return to_record(reader.read(line));
}

const std::vector<Record>& awkward_records() {
  static const std::vector<Record> records{
      stamped(Bytes("\x00\xff\xfe", 3), Bytes("\xc3\x28\x00", 3)),
      stamped(std::nullopt, "null key"),
      stamped("", "empty key"),
      stamped("tombstone", std::nullopt),
      stamped("empty value", ""),
      stamped("h", "v",
              {{"dup", "1"},
               {"dup", "2"},
               {"null", std::nullopt},
               {"", ""},
               {"bin", Bytes("\xff\x00", 2)},
               {"\xff", "binary name"}}),
      stamped("big", R"({"n":9007199254740993,"d":1.10})"),
      stamped("newline", "a\nb\r\n\tc"),
      stamped("separator", "\xe2\x80\xa8\xe2\x80\xa9\x7f\x01"),
      stamped("null", "null"),
  };
  return records;
}

}  // namespace

TEST_CASE("the envelope has its fields in the documented order", "[model][envelope]") {
  const Record record{.topic = TopicName{"t"},
                      .partition = Partition{0},
                      .offset = Offset{0},
                      .timestamp = WallTime{Milliseconds{1700000000000}},
                      .timestamp_type = TimestampType::create,
                      .key = "k0",
                      .value = "plain",
                      .headers = {{"h1", "a"}, {"n", std::nullopt}, {"bin", Bytes("\xfc\x00\x01", 3)}}};
  CHECK(written(record) == R"({"topic":"t","partition":0,"offset":0,"tstype":"create","ts":1700000000000,)"
                           R"("headers":[{"key":"h1","value":"a"},{"key":"n","value":null},)"
                           R"({"key":"bin","value":"/AAB","enc":"base64"}],"key":"k0","payload":"plain"})");
}

TEST_CASE("ten awkward records come back identical, in both payload forms", "[model][envelope]") {
  REQUIRE(awkward_records().size() == 10);
  for (const Record& record : awkward_records()) {
    for (const PayloadForm form : {PayloadForm::text, PayloadForm::json}) {
      const std::string line = written(record, form);
      CAPTURE(line);
      CHECK(line.find('\n') == std::string::npos);
      CHECK(read(line) == record);
    }
  }
}

TEST_CASE("a record without a timestamp stays without one", "[model][envelope]") {
  Record record = stamped("k", "v");
  record.timestamp_type = TimestampType::none;
  record.timestamp = {};
  CHECK(read(written(record)) == record);
}

TEST_CASE("a JSON payload is put in verbatim only when it comes back byte for byte", "[model][envelope]") {
  const auto payload_part = [](const char* value) {
    const std::string line = written(stamped(std::nullopt, value), PayloadForm::json);
    return line.substr(line.find("\"payload\":"));
  };
  CHECK(payload_part(R"({"a":1.10,"a":2})") == R"("payload":{"a":1.10,"a":2},"payload_enc":"json"})");
  CHECK(payload_part("null") == R"("payload":null,"payload_enc":"json"})");
  CHECK(payload_part(" 1") == R"("payload":" 1"})");
  CHECK(payload_part("{\"a\":\n1}") == R"("payload":"{\"a\":\n1}"})");
  CHECK(payload_part("{\"a\":}") == R"("payload":"{\"a\":}"})");
  CHECK(payload_part("NaN") == R"("payload":"NaN"})");
}

TEST_CASE("fields come in any order, with blanks between them", "[model][envelope]") {
  const Record record =
      read(R"( { "payload_enc" : "json" , "payload" : {"b":[1, 2]} , "key_enc":"base64","key":"/w==" } )");
  CHECK(record.value == R"({"b":[1, 2]})");
  CHECK(record.key == Bytes("\xff"));
  CHECK(record.partition == Partition{-1});
  CHECK(record.timestamp_type == TimestampType::none);
}

TEST_CASE("lines of kcat and synonyms are understood", "[model][envelope]") {
  const Record kcat = read(R"({"topic":"t","partition":1,"offset":3,"tstype":"create","ts":5,"broker":1,)"
                           R"("headers":["a","1","a",null],"key":null,"payload":"v"})");
  CHECK(kcat.headers == std::vector<Header>{{"a", "1"}, {"a", std::nullopt}});
  CHECK(kcat.timestamp == WallTime{Milliseconds{5}});
  CHECK(read(R"({"value":"v","headers":{"h":"1","n":null}})").headers ==
        std::vector<Header>{{"h", "1"}, {"n", std::nullopt}});
  CHECK(read(R"({"value":"v","timestamp":"1970-01-01T00:00:01Z"})").timestamp ==
        WallTime{Milliseconds{1000}});
  CHECK(read(R"({"value":"v","timestamp":null})").timestamp_type == TimestampType::none);
}

TEST_CASE("a wrong line is refused with the field and the reason", "[model][envelope]") {
  const std::vector<std::pair<std::string, std::string>> lines{
      {"", "JSON"},
      {"hello", "JSON"},
      {"[1]", "not one JSON object"},
      {R"({"payload":"a"} x)", "not one JSON object"},
      {R"({"payload":"a"} {"payload":"b"})", "after the JSON object"},
      {R"({"payload":"a")", "JSON"},
      {R"({"key":"k"})", "no payload"},
      {R"({"payload":1})", "payload is neither a string nor null"},
      {R"({"payload":{"a":1}})", "payload_enc"},
      {R"({"payload":{"a":tru},"payload_enc":"json"})", "JSON"},
      {R"({"payload":"%%","payload_enc":"base64"})", "base64"},
      {R"({"payload":"a","payload_enc":"hex"})", "base64 or json"},
      {R"({"payload":"a","value":"b"})", "given twice"},
      {R"({"payload":"a","ts":1,"timestamp":2})", "given twice"},
      {R"({"payload":"a","kye":"b"})", "did you mean key?"},
      {R"({"payload":"a","key":5})", "key is neither"},
      {R"({"payload":"a","partition":-2})", "partition"},
      {R"({"payload":"a","partition":4294967296})", "partition"},
      {R"({"payload":"a","ts":1.5})", "ts"},
      {R"({"payload":"a","ts":-5})", "ts"},
      {R"({"payload":"a","ts":1700000000000000})", "milliseconds"},
      {R"({"payload":"a","timestamp":"yesterday"})", "not a time"},
      {R"({"payload":"a","tstype":"now"})", "tstype"},
      {R"({"payload":"a","headers":["a"]})", "without a value"},
      {R"({"payload":"a","headers":[{"key":"a"}]})", "no key or no value"},
      {R"({"payload":"a","headers":[{"key":"a","value":"b","encoding":"x"}]})", "unknown field"},
      {R"({"payload":"a","headers":5})", "headers"},
      {"{\"payload\":\"\xff\"}", "JSON"},
      {R"({"payload":"\ud800"})", "JSON"},
  };
  for (const auto& [line, reason] : lines) {
    CAPTURE(line);
    CHECK_THROWS_WITH(read(line), Catch::Contains(reason));
    CHECK_THROWS_AS(read(line), Error);
  }
}

TEST_CASE("one reader reads line after line", "[model][envelope]") {
  EnvelopeReader reader;
  CHECK(reader.read(R"({"payload":"first","key":"k","headers":{"h":"1"}})").key == "k");
  CHECK_THROWS_AS(reader.read("{"), Error);
  const RecordView& second = reader.read(R"({"payload":"second"})");
  CHECK(second.value == "second");
  CHECK_FALSE(second.key);
  CHECK(second.headers.empty());
}
