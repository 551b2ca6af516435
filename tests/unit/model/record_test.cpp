// Records: copies, loans, header look-up and topic names.
#include "kbeat/model/record.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"

using namespace kbeat;

TEST_CASE("a loan and a copy give the record back unchanged", "[model][record]") {
  const Record record{.topic = TopicName{"t"},
                      .partition = Partition{2},
                      .offset = Offset{7},
                      .timestamp = WallTime{Milliseconds{1700000000000}},
                      .timestamp_type = TimestampType::create,
                      .key = std::nullopt,
                      .value = Bytes("\0\xff", 2),
                      .headers = {{"a", "1"}, {"a", std::nullopt}, {"", ""}}};
  CHECK(to_record(RecordLoan(record).view()) == record);
}

TEST_CASE("the last header of a name counts, even when its value is null", "[model][record]") {
  const std::vector<Header> headers{{"a", "1"}, {"a", std::nullopt}};
  REQUIRE(find_header(std::span<const Header>(headers), "a") == &headers[1]);
  CHECK(find_header(std::span<const Header>(headers), "b") == nullptr);
}

TEST_CASE("illegal topic names are refused with a proposal", "[model][record]") {
  CHECK_NOTHROW(check_topic_name("beats-events"));
  for (const char* name : {"", ".", "..", "a b", "tracking/data"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(check_topic_name(name), Error);
  }
  CHECK_THROWS_WITH(check_topic_name("tracking/data"), Catch::Contains("tracking.data"));
  CHECK_THROWS_AS(check_topic_name(std::string(250, 'a')), Error);
}
