// The hash index over many runs, merges, connections and rolled back transactions.
#include "kbeat/store/hash_index.hpp"

#include <catch2/catch.hpp>

#include "integration/store/batch_maker.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/store_schema.hpp"

using namespace kbeat;
using namespace kbeat::store;
using namespace kbeat::test;

namespace {

HashKey numbered(std::uint64_t number) {
  return hash_key(std::to_string(number));
}

struct Indexed {
  TempDir dir;
  std::unique_ptr<sqlite::Database> database = open_store_file(dir.path(), OpenMode::read_write);
  HashIndex index{*database, IndexKind::dedupe_marks};

  /// One transaction that puts the numbers from `first` to `last - 1`, each with the value given.
  void put(std::uint64_t first, std::uint64_t last, std::uint64_t value, WallTime now = {}) {
    sqlite::Transaction transaction(*database);
    index.refresh();
    for (std::uint64_t number = first; number < last; ++number) index.put(numbered(number), {.first = value});
    index.write(now);
    transaction.commit();
    index.committed();
  }
  /// Numbers below `last` that are there with this value.
  std::uint64_t count(HashIndex& looked_at, std::uint64_t last, std::uint64_t value) {
    looked_at.refresh();
    std::uint64_t found = 0;
    for (std::uint64_t number = 0; number < last; ++number) {
      found += looked_at.find(numbered(number)) == HashValue{.first = value} ? 1 : 0;
    }
    return found;
  }
};

}  // namespace

TEST_CASE_METHOD(Indexed, "every key put is found, however many runs there are", "[store][hash_index]") {
  constexpr std::uint64_t k_batches = 150;
  for (std::uint64_t batch = 0; batch < k_batches; ++batch) put(batch * 40, batch * 40 + 40, 7);
  CHECK(count(index, 2 * k_batches * 40, 7) == k_batches * 40);
  CHECK(database->integer("SELECT count(*) FROM hash_runs") == 2 + 2 + 6);
  CHECK(database->integer("SELECT max(level) FROM hash_runs") == 2);
  CHECK(database->integer("SELECT sum(entries) FROM hash_runs") == k_batches * 40);
}

TEST_CASE_METHOD(Indexed, "of many keys at once it is told which no run has", "[store][hash_index]") {
  for (std::uint64_t batch = 0; batch < 20; ++batch) put(batch * 40, batch * 40 + 40, 7);
  std::vector<HashKey> keys;
  for (std::uint64_t number = 0; number < 1600; ++number) keys.push_back(numbered(number));
  index.put(numbered(1599), {.first = 8});
  const std::vector<bool> may_be = index.may_be_written(keys);
  CHECK(std::count(may_be.begin(), may_be.begin() + 800, true) == 800);
  CHECK(std::count(may_be.begin() + 800, may_be.end(), true) < 100);
  CHECK(index.find(keys[3], may_be[3]) == HashValue{.first = 7});
  CHECK_FALSE(index.find(keys[3], false));
  CHECK(index.find(keys[1599], false) == HashValue{.first = 8});
}

TEST_CASE_METHOD(Indexed, "the youngest value of a key counts, before and after merges",
                 "[store][hash_index]") {
  put(0, 100, 1);
  put(50, 100, 2);
  CHECK(count(index, 100, 1) == 50);
  for (std::uint64_t i = 0; i < 20; ++i) put(1000 + i, 1001 + i, 9);
  CHECK(count(index, 100, 1) == 50);
  CHECK(count(index, 100, 2) == 50);
  CHECK(database->integer("SELECT sum(entries) FROM hash_runs") == 120);
}

TEST_CASE_METHOD(Indexed, "what other connections wrote is found after a refresh", "[store][hash_index]") {
  const auto other = open_store_file(dir.path(), OpenMode::read_write);
  HashIndex second(*other, IndexKind::dedupe_marks);
  HashIndex another_kind(*other, IndexKind::quiz_events);
  for (std::uint64_t i = 0; i < 30; ++i) {
    put(i * 10, i * 10 + 10, 3);
    if (i % 7 == 0) CHECK(count(second, 300, 3) == i * 10 + 10);
  }
  CHECK(count(second, 300, 3) == 300);
  CHECK(count(another_kind, 300, 3) == 0);
}

TEST_CASE_METHOD(Indexed, "what was rolled back is gone, and its run's number may be another's",
                 "[store][hash_index]") {
  put(0, 10, 1);
  {
    const sqlite::Transaction rolled_back(*database);
    index.refresh();
    for (std::uint64_t number = 100; number < 200; ++number) index.put(numbered(number), {.first = 1});
    index.write({});
  }
  {
    const sqlite::Transaction never_written(*database);
    index.refresh();
    index.put(numbered(500), {.first = 1});
    CHECK(index.find(numbered(500)));
  }
  CHECK(count(index, 600, 1) == 10);
  put(300, 310, 1);
  CHECK(count(index, 600, 1) == 20);
}

TEST_CASE_METHOD(Indexed, "entries put can be taken back to where a record began", "[store][hash_index]") {
  const sqlite::Transaction transaction(*database);
  index.refresh();
  index.put(numbered(1), {.first = 1});
  const std::size_t before = index.collected();
  index.put(numbered(2), {.first = 1});
  index.put(numbered(3), {.first = 1});
  index.undo_to(before);
  CHECK(index.find(numbered(1)));
  CHECK_FALSE(index.find(numbered(2)));
  CHECK_FALSE(index.find(numbered(3)));
}

TEST_CASE_METHOD(Indexed, "old runs are dropped one by one, but for the keys that are needed",
                 "[store][hash_index]") {
  put(0, 10, 1, WallTime(Milliseconds(100)));
  put(10, 20, 1, WallTime(Milliseconds(200)));
  put(20, 30, 1, WallTime(Milliseconds(300)));
  const std::vector<HashKey> keep{numbered(3), numbered(25), numbered(99)};
  const auto drop = [&] {
    sqlite::Transaction transaction(*database);
    index.refresh();
    const auto dropped = index.drop_oldest(WallTime(Milliseconds(250)), keep, WallTime(Milliseconds(900)));
    transaction.commit();
    index.committed();
    return dropped;
  };
  CHECK(index.count_older(WallTime(Milliseconds(250))) == 20);
  CHECK(drop() == 9);
  CHECK(drop() == 10);
  CHECK_FALSE(drop());
  CHECK(count(index, 100, 1) == 11);
  CHECK(index.find(numbered(3)));
}
