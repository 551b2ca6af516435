// Checkpoints written and read again.
#include "kbeat/replay/replay_cursor.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"

namespace kbeat::replay {
namespace {

CursorPart part(int number, std::int64_t next, std::int64_t end) {
  return {TopicPartition{TopicName{"t"}, Partition{number}}, Offset{next}, Offset{end}};
}

store::RecordMark mark(std::int64_t offset) {
  return {.offset = Offset{offset}, .timestamp = WallTime{Milliseconds{-1}}, .hash = std::string(32, '\xa0')};
}

std::size_t marks_in(const Checkpoint& checkpoint) {
  std::size_t count = 0;
  for (const CursorPart& each : checkpoint.cursor) count += each.mark ? 1 : 0;
  return count;
}

TEST_CASE("a checkpoint comes back with its places and the beginnings of its marks", "[replay]") {
  Checkpoint written{.plan = "p", .cursor = {part(0, 7, 20), part(1, 0, 5)}, .sent = 9};
  written.cursor[0].mark = mark(5);
  const Checkpoint plan{.plan = "p", .cursor = {part(0, 0, 30), part(1, 0, 30)}};
  const std::string text = to_metadata(written);
  CHECK(text == "kbeat-replay/1 p 9 7-20~2.-1.a0a0a0a0a0a0a0a0,0-5");
  const auto found = read_metadata(text, plan);
  REQUIRE(found);
  written.cursor[0].mark->hash.resize(8);
  CHECK(found->cursor == written.cursor);
  CHECK(found->sent == 9);
}

TEST_CASE("a checkpoint without marks, as earlier versions wrote it, is read", "[replay]") {
  const Checkpoint plan{.plan = "p", .cursor = {part(0, 0, 30), part(1, 0, 30)}};
  const auto found = read_metadata("kbeat-replay/1 p 9 7-20,3-5", plan);
  REQUIRE(found);
  CHECK(found->cursor == Cursor{part(0, 7, 20), part(1, 3, 5)});
}

TEST_CASE("a damaged mark is a damaged checkpoint", "[replay]") {
  const Checkpoint plan{.plan = "p", .cursor = {part(0, 0, 30)}};
  for (const char* text : {"7-20~1", "7-20~1.5.", "7-20~1.5.a0", "7-20~x.5.a0a0a0a0a0a0a0a0",
                           "7-20~1.5.g0a0a0a0a0a0a0a0", "7-20~1.5.a0a0a0a0a0a0a0a0a"}) {
    INFO(text);
    CHECK_THROWS_AS(read_metadata(std::string("kbeat-replay/1 p 9 ") + text, plan), Error);
  }
}

TEST_CASE("marks give way to places where a checkpoint has no room for both", "[replay]") {
  Checkpoint written{.plan = "0123456789abcdef", .cursor = {}, .sent = 1'000'000};
  for (int i = 0; i < 180; ++i) {
    written.cursor.push_back(part(i, 100'000'000, 200'000'000));
    written.cursor.back().mark = mark(99'999'999);
  }
  const std::string text = to_metadata(written);
  CHECK(text.size() <= 4096);
  const auto found = read_metadata(text, {.plan = written.plan, .cursor = written.cursor});
  REQUIRE(found);
  CHECK(found->cursor.back().next == Offset{100'000'000});
  CHECK(marks_in(*found) > 0);
  CHECK(marks_in(*found) < 180);
  for (int i = 180; i < 300; ++i) written.cursor.push_back(part(i, 100'000'000, 200'000'000));
  CHECK_THROWS_AS(to_metadata(written), Error);
}

}  // namespace
}  // namespace kbeat::replay
