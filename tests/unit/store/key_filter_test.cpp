// The filter that tells where a key is not.
#include "kbeat/store/key_filter.hpp"

#include <catch2/catch.hpp>

#include <string>

#include "kbeat/base/error.hpp"
#include "kbeat/store/scale.hpp"

using namespace kbeat;
using namespace kbeat::store;

namespace {

HashKey numbered(int number) {
  return hash_key("key " + std::to_string(number));
}

}  // namespace

TEST_CASE("a filter has every key that was added, also when read back", "[store]") {
  for (const int count : {1, 90, 5000}) {
    KeyFilter filter(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) filter.add(numbered(i));
    const KeyFilter copy(filter.bytes());
    int missing = 0;
    for (int i = 0; i < count; ++i)
      missing += filter.may_have(numbered(i)) && copy.may_have(numbered(i)) ? 0 : 1;
    CHECK(missing == 0);
  }
}

TEST_CASE("fewer than six in a thousand absent keys pass a full filter", "[store]") {
  KeyFilter filter(5000);
  for (int i = 0; i < 5000; ++i) filter.add(numbered(i));
  int passed = 0;
  for (int i = 5000; i < 15'000; ++i) passed += filter.may_have(numbered(i)) ? 1 : 0;
  CHECK(passed < 60);
}

TEST_CASE("bytes that are no filter are refused", "[store]") {
  CHECK_THROWS_AS(KeyFilter(std::string_view()), Error);
  CHECK_THROWS_AS(KeyFilter(std::string_view("63 bytes are one too few")), Error);
}

TEST_CASE("scaling keeps the order and uses the whole range", "[store]") {
  CHECK(scale(0, 7) == 0);
  CHECK(scale(UINT64_MAX, 7) == 6);
  CHECK(scale(UINT64_MAX / 2, 2) == 0);
  CHECK(scale(UINT64_MAX / 2 + 1, 2) == 1);
}

TEST_CASE("the same identity has another key for each owner", "[store]") {
  CHECK(owned_key(numbered(1), 1) != owned_key(numbered(1), 2));
  CHECK(owned_key(numbered(1), 1) != owned_key(numbered(2), 1));
  CHECK(owned_key(numbered(1), 1) == owned_key(numbered(1), 1));
}
