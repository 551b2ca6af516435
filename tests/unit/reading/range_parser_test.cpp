// What -o, --since and --until say.
#include "kbeat/reading/range_parser.hpp"

#include <catch2/catch.hpp>

#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::reading;

namespace {

constexpr WallTime k_now{Milliseconds{1'700'000'000'000}};

ReadRange range_of(const std::string& text) {
  return parse_range({{text}, {}, {}}, k_now);
}

Bounds bounds_of(const std::string& text) {
  return range_of(text).everywhere;
}

constexpr Bound k_earliest{BoundKind::earliest, 0};
constexpr Bound k_latest{BoundKind::latest, 0};

}  // namespace

TEST_CASE("one word or number says where reading begins", "[reading]") {
  for (const char* word : {"beginning", "earliest", "oldest", "start"})
    CHECK(bounds_of(word) == Bounds{k_earliest, {}});
  for (const char* word : {"end", "latest", "newest"}) CHECK(bounds_of(word) == Bounds{k_latest, {}});
  CHECK(bounds_of("stored") == Bounds{Bound{BoundKind::stored, 0}, {}});
  CHECK(bounds_of("42") == Bounds{Bound{BoundKind::offset, 42}, {}});
  CHECK(bounds_of("-5") == Bounds{Bound{BoundKind::last, 5}, {}});
  CHECK(bounds_of("s@1700000000000") == Bounds{Bound{BoundKind::time, 1'700'000'000'000}, {}});
  CHECK(bounds_of("e@17") == Bounds{{}, Bound{BoundKind::time, 17}});
}

TEST_CASE("a pair bounds the range, and either side may be missing", "[reading]") {
  const Bounds both{Bound{BoundKind::offset, 3}, Bound{BoundKind::offset, 9}};
  CHECK(bounds_of("3:9") == both);
  CHECK(bounds_of("3..9") == both);
  CHECK(bounds_of("3:") == Bounds{Bound{BoundKind::offset, 3}, {}});
  CHECK(bounds_of(":9") == Bounds{{}, Bound{BoundKind::offset, 9}});
  CHECK(bounds_of("beginning:end") == Bounds{k_earliest, k_latest});
  CHECK(bounds_of("-9:-2") == Bounds{Bound{BoundKind::last, 9}, Bound{BoundKind::last, 2}});
}

TEST_CASE("times are dates, stamps or spans back from now", "[reading]") {
  const ReadRange spans = range_of("@-2h:-1h");
  CHECK(spans.since == k_now - std::chrono::hours{2});
  CHECK(spans.until == k_now - std::chrono::hours{1});
  const ReadRange dates = range_of("@2026-01-31T09:00:00+01:00:2026-01-31T09:30:00Z");
  CHECK(dates.since == parse_rfc3339("2026-01-31T08:00:00Z"));
  CHECK(dates.until == parse_rfc3339("2026-01-31T09:30:00Z"));
  CHECK(range_of("@2026-01-31").since == parse_rfc3339("2026-01-31"));
  CHECK(range_of("@1600000000000:").since == WallTime{Milliseconds{1'600'000'000'000}});
  CHECK_FALSE(range_of("@1600000000000:").until);
  const ReadRange flags = parse_range({{}, "90m", "2026-01-31"}, WallTime{Milliseconds{1'700'000'000'000}});
  CHECK(flags.since == k_now - std::chrono::minutes{90});
}

TEST_CASE("single partitions may have their own places", "[reading]") {
  const ReadRange range = parse_range({{"-3", "0=5,2=1:4"}, {}, {}}, k_now);
  CHECK(range.of(Partition{0}) == Bounds{Bound{BoundKind::offset, 5}, {}});
  CHECK(range.of(Partition{1}) == Bounds{Bound{BoundKind::last, 3}, {}});
  CHECK(range.of(Partition{2}) == Bounds{Bound{BoundKind::offset, 1}, Bound{BoundKind::offset, 4}});
}

TEST_CASE("kcat's two ends may be given one by one", "[reading]") {
  const ReadRange range = parse_range({{"s@1", "e@2"}, {}, {}}, k_now);
  CHECK(range.everywhere == Bounds{Bound{BoundKind::time, 1}, Bound{BoundKind::time, 2}});
}

TEST_CASE("what is no range is a usage error", "[reading]") {
  const std::string text = GENERATE("soon", "", "9:3", "1:2:3", "s@", "s@-1", "e@x", "@", "@soon",
                                    "0=", "x=3", "-1=3", "0=@2h", "5:stored", ":", "99999999999999999999");
  INFO(text);
  const auto refused = test::thrown_by([&] { static_cast<void>(range_of(text)); });
  REQUIRE(refused);
  CHECK(refused->code() == ErrorCode::usage);
}

TEST_CASE("contradictions are usage errors", "[reading]") {
  CHECK(test::thrown_by([] { static_cast<void>(parse_range({{"3", "4"}, {}, {}}, k_now)); }));
  CHECK(test::thrown_by([] { static_cast<void>(parse_range({{"@1h"}, "2h", {}}, k_now)); }));
  CHECK(test::thrown_by([] { static_cast<void>(parse_range({{}, "1h", "2h"}, k_now)); }));
}
