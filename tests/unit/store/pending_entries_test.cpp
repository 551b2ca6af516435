#include "kbeat/store/pending_entries.hpp"

#include <catch2/catch.hpp>

using namespace kbeat::store;

namespace {

/// Keys of few slots: many of them want the same one.
HashKey key_of(std::uint64_t number) {
  return {.high = number % 7, .low = number};
}

}  // namespace

TEST_CASE("pending entries are found by key and stay in their order", "[store]") {
  PendingEntries entries;
  CHECK(entries.find(key_of(1)) == nullptr);
  for (std::uint64_t i = 0; i < 1000; ++i) entries.put(key_of(i), {.first = i});
  REQUIRE(entries.entries().size() == 1000);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    CHECK(entries.entries()[i].key == key_of(i));
    REQUIRE(entries.find(key_of(i)) != nullptr);
    CHECK(entries.find(key_of(i))->first == i);
  }
  CHECK(entries.find(key_of(1000)) == nullptr);
}

TEST_CASE("a pending entry that is put again has the new value in its old place", "[store]") {
  PendingEntries entries;
  entries.put(key_of(1), {.first = 1});
  entries.put(key_of(2), {.first = 2});
  entries.put(key_of(1), {.first = 3});
  REQUIRE(entries.entries().size() == 2);
  CHECK(entries.entries()[0].value.first == 3);
}

TEST_CASE("cutting pending entries forgets the later ones alone", "[store]") {
  PendingEntries entries;
  for (std::uint64_t i = 0; i < 100; ++i) entries.put(key_of(i), {.first = i});
  entries.cut(200);
  CHECK(entries.entries().size() == 100);
  entries.cut(40);
  CHECK(entries.entries().size() == 40);
  for (std::uint64_t i = 0; i < 100; ++i) CHECK((entries.find(key_of(i)) != nullptr) == (i < 40));
  entries.put(key_of(99), {.first = 7});
  CHECK(entries.find(key_of(99))->first == 7);
  entries.clear();
  CHECK(entries.find(key_of(1)) == nullptr);
}
