// The filters together, on whole records.
#include "kbeat/filter/filter.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"

using namespace kbeat;
using filter::Filter;
using filter::Wanted;

namespace {

Record order() {
  Record record;
  record.key = "k1";
  record.value = R"({"type":"BEAT_CREATED","payload":{"beatId":"b1"}})";
  record.headers = {{"trace", "1"}, {"trace", "2"}, {"flag", std::nullopt}};
  return record;
}

Wanted wanted_where(const std::string& where) {
  Wanted wanted;
  wanted.where = {where};
  return wanted;
}

}  // namespace

TEST_CASE("a filter that asks for nothing passes all", "[filter]") {
  CHECK(Filter().matches(order()));
  CHECK(Filter(Wanted()).passes_all());
  CHECK(Filter().matches(Record()));
}

TEST_CASE("each kind of filter takes and leaves", "[filter]") {
  Wanted yes;
  Wanted no;
  SECTION("where") {
    yes.where = {"payload.beatId == 'b1'"};
    no.where = {"payload.beatId == 'b1'", "type == 'X'"};
  }
  SECTION("grep") {
    yes.grep = {"beat[A-Z]d", "BEAT_"};
    no.grep = {"beatId", "^b1"};
  }
  SECTION("keys") {
    yes.keys = {"k0", "k1"};
    no.keys = {"k"};
  }
  SECTION("a header's value, of any header of that name") {
    yes.headers = {"trace=1", "trace=2", "flag"};
    no.headers = {"trace=3"};
  }
  SECTION("a null header has no value") {
    yes.headers = {"flag"};
    no.headers = {"flag="};
  }
  SECTION("types") {
    yes.types = {"X", "BEAT_CREATED"};
    no.types = {"BEAT_"};
  }
  SECTION("all together") {
    yes = {{"exists payload"}, {"b1"}, {"k1"}, {"trace"}, {"BEAT_CREATED"}};
    no = {{"exists payload"}, {"b1"}, {"k2"}, {"trace"}, {"BEAT_CREATED"}};
  }
  CHECK(Filter(yes).matches(order()));
  CHECK_FALSE(Filter(no).matches(order()));
  CHECK_FALSE(Filter(yes).passes_all());
}

TEST_CASE("a type is found in every shape of an event", "[filter]") {
  Wanted wanted;
  wanted.types = {"user.action"};
  Filter filter(wanted);
  Record record;
  const auto takes = [&](const std::string& value) {
    record.value = value;
    return filter.matches(record);
  };
  CHECK(takes(R"({"event_id":"1","event_type":"user.action"})"));
  CHECK(takes(R"({"id":"1","type":"user.action","data":{}})"));
  CHECK(takes(R"({"specversion":"1.0","id":"1","source":"s","type":"user.action"})"));
  CHECK(takes(R"({"type":"user\u002eaction","payload":1})"));
  CHECK_FALSE(takes(R"({"type":"other","payload":"user.action"})"));
  CHECK_FALSE(takes("user.action"));
  record.headers = {
      {"ce_specversion", "1.0"}, {"ce_id", "1"}, {"ce_source", "s"}, {"ce_type", "user.action"}};
  CHECK(takes("{}"));
}

TEST_CASE("a tombstone matches by key and headers, never by value", "[filter]") {
  Record tombstone = order();
  tombstone.value.reset();
  Wanted by_key;
  by_key.keys = {"k1"};
  CHECK(Filter(by_key).matches(tombstone));
  CHECK_FALSE(Filter(wanted_where("not exists a")).matches(tombstone));
  Wanted any_text;
  any_text.grep = {""};
  CHECK_FALSE(Filter(any_text).matches(tombstone));
}

TEST_CASE("wrong filters are usage errors", "[filter]") {
  Wanted wrong;
  SECTION("grep") {
    wrong.grep = {"("};
  }
  SECTION("header") {
    wrong.headers = {"=x"};
  }
  SECTION("type") {
    wrong.types = {""};
  }
  SECTION("where") {
    wrong.where = {"a ="};
  }
  CHECK_THROWS_AS(Filter(wrong), Error);
}

TEST_CASE("parse makes a filter of one expression", "[filter]") {
  CHECK(filter::parse("type =~ 'CREATED$'").matches(order()));
}
