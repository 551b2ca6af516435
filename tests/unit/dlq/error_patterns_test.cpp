// What is masked in error messages, and what groups them.
#include "kbeat/dlq/error_patterns.hpp"

#include <catch2/catch.hpp>

using namespace kbeat;
using namespace kbeat::dlq;

TEST_CASE("numbers, ids, quoted words and URLs are masked, words stay", "[dlq][patterns]") {
  CHECK(error_pattern("no answer within 30.0s") == "no answer within <n>.<n>s");
  CHECK(error_pattern("status 503 of https://a.example/x?y=1 after 3 tries") ==
        "status <n> of <url> after <n> tries");
  CHECK(error_pattern("beat 123e4567-e89b-12d3-a456-426614174000 is gone") == "beat <id> is gone");
  CHECK(error_pattern("hash deadbeef01 differs") == "hash <id> differs");
  CHECK(error_pattern("deadbeef is a word") == "deadbeef is a word");
  CHECK(error_pattern("no field \"beatId\" in beat42") == "no field <text> in beat<n>");
  CHECK(error_pattern("10.0.0.1:9092 refused at 12:30:01") == "<n> refused at <n>");
  CHECK(error_pattern("at 0xdeadbeef, not 0XFEED") == "at <n>, not <n>");
  CHECK(error_pattern("size 0x and 0xgreen") == "size <n>x and <n>xgreen");
  CHECK(error_pattern("an open \" stays") == "an open \" stays");
  CHECK(error_pattern("") == "");
}

TEST_CASE("errors that differ in what is masked are one pattern with times and a sample", "[dlq][patterns]") {
  ErrorPatterns patterns;
  patterns.add("timeout after 20 ms", "b", WallTime{Milliseconds{2000}});
  patterns.add("timeout after 10 ms", "a", WallTime{Milliseconds{1000}});
  patterns.add("other", "c", WallTime{Milliseconds{3000}});
  REQUIRE(patterns.groups().size() == 2);
  const PatternGroup& group = patterns.groups().at("timeout after <n> ms");
  CHECK(group.count == 2);
  CHECK(group.first == WallTime{Milliseconds{1000}});
  CHECK(group.last == WallTime{Milliseconds{2000}});
  CHECK(group.sample == "timeout after 20 ms");
  CHECK(group.sample_id == "b");
}
