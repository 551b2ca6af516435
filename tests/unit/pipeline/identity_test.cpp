// Who an event is, and in which lane it goes.
#include "kbeat/pipeline/identity.hpp"

#include <catch2/catch.hpp>

using namespace kbeat;
using namespace kbeat::pipeline;

namespace {

const LogIdentity k_log{"cluster", 2};

std::string identity(std::string_view value, std::span<const HeaderView> headers = {}) {
  const RecordView record{
      .topic = "t", .partition = Partition{1}, .offset = Offset{9}, .value = value, .headers = headers};
  const Event event = parse_event(record);
  return event_identity(record, &event, k_log);
}

std::uint64_t lane(std::optional<std::string_view> key, std::string_view value, std::int64_t offset = 0) {
  return order_lane(
      {.topic = "t", .partition = Partition{0}, .offset = Offset{offset}, .key = key, .value = value});
}

}  // namespace

TEST_CASE("the header comes first, then CloudEvents, then the id, then the place", "[pipeline][identity]") {
  const HeaderView headers[] = {{"kbeat.event-id", "e1"}};
  CHECK(identity(R"({"event_id":"q","event_type":"T"})", headers) == "e1");
  CHECK(identity(R"({"specversion":"1.0","id":"7","source":"/s","type":"T"})") == "ce:2:/s/7");
  CHECK(identity(R"({"event_id":"q","event_type":"T"})") == "t/T/q");
  CHECK(identity(R"({"type":"T","payload":{}})") == "@cluster/t/2/1/9");
}

TEST_CASE("lanes follow the key, else the subject, else nothing", "[pipeline][identity]") {
  CHECK(lane("k", "{}", 1) == lane("k", "[]", 2));
  CHECK(lane("k", "{}") != lane("l", "{}"));
  CHECK(lane("", "{}") != lane(std::nullopt, "{}"));
  const std::string_view about_b1 = R"({"type":"BEAT_CREATED","payload":{"beatId":"b1"}})";
  CHECK(lane(std::nullopt, about_b1, 1) == lane(std::nullopt, about_b1, 2));
  CHECK(lane(std::nullopt, "{}", 1) != lane(std::nullopt, "{}", 2));
  CHECK(lane(std::nullopt, "not json", 1) != lane(std::nullopt, "not json", 2));
}

TEST_CASE("the origin travels in headers", "[pipeline][identity]") {
  const store::Origin origin{
      .topic = "o", .partition = 3, .offset = 4, .timestamp = WallTime{Milliseconds{5}}};
  Record record{.topic = TopicName{"t"},
                .partition = Partition{0},
                .offset = Offset{1},
                .headers = origin_headers(origin)};
  const store::Origin back = event_origin(RecordLoan(record).view());
  CHECK(back.topic == "o");
  CHECK(back.partition == 3);
  CHECK(back.offset == 4);
  CHECK(back.timestamp == origin.timestamp);
  record.headers.pop_back();
  CHECK(event_origin(RecordLoan(record).view()).topic == "t");
}
