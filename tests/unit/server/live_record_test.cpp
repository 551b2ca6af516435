// Records framed for live clients.
#include "kbeat/server/live_record.hpp"

#include <catch2/catch.hpp>

using namespace kbeat;
using namespace kbeat::server;

namespace {

std::shared_ptr<const LiveRecord> made(std::string_view value, PositionTrail& trail) {
  RecordFramer framer;
  const RecordView view{.topic = "t", .partition = Partition{1}, .offset = Offset{5}, .value = value};
  return framer.make({view, nullptr, 0}, {true, false, true, false}, trail);
}

const std::string& bytes(const LiveRecord& record, LiveForm form) {
  return record.frames[static_cast<std::size_t>(form)]->bytes;
}

}  // namespace

TEST_CASE("a record's device is found as text or number", "[server][stream]") {
  PositionTrail trail;
  CHECK(made(R"({"data":{"DEVICE_ID":"0848086072"}})", trail)->device == "0848086072");
  CHECK(made(R"({"data":{"DEVICE_ID":42}})", trail)->device == "42");
  CHECK_FALSE(made(R"({"data":{"DEVICE_ID":null}})", trail)->device.has_value());
  CHECK_FALSE(made(R"([1])", trail)->device.has_value());
}

TEST_CASE("only the forms that somebody wants are made", "[server][stream]") {
  PositionTrail trail;
  const auto record = made("{}", trail);
  CHECK(bytes(*record, LiveForm::raw_message) == "\x81\x02{}");
  CHECK(record->frames[static_cast<std::size_t>(LiveForm::envelope_message)] == nullptr);
}

TEST_CASE("an event's id says where all partitions go on", "[server][stream]") {
  PositionTrail trail;
  trail.set({TopicName{"t"}, Partition{0}}, Offset{7});
  CHECK(bytes(*made("{\n}", trail), LiveForm::raw_event) == "id: t/1/5,t/0/7\ndata: {\ndata: }\n\n");
  CHECK(trail.positions().at({TopicName{"t"}, Partition{1}}) == Offset{6});
}

TEST_CASE("what is not JSON is malformed, and still moves the trail", "[server][stream]") {
  PositionTrail trail;
  for (const char* const value : {"", "nope", "{", "{} {}"}) {
    const auto record = made(value, trail);
    CHECK(record->malformed);
    CHECK(record->frames[0] == nullptr);
  }
  CHECK(trail.positions().size() == 1);
}
