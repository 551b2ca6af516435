// The store under faults: a full disk, a killed process, two processes at once.
#include <signal.h>
#include <catch2/catch.hpp>

#include "integration/store/batch_maker.hpp"
#include "kbeat/store/store_schema.hpp"
#include "support/child.hpp"
#include "support/small_disk.hpp"
#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::store;
using namespace kbeat::test;

namespace {

constexpr int k_records = 25;

/// The batch of records from `next` on, each with a quiz event.
BatchMaker make_batch(std::int32_t partition, std::int64_t epoch, std::int64_t next) {
  BatchMaker maker(partition_of("t", partition), epoch, next);
  for (int i = 0; i < k_records; ++i) {
    const std::string id = std::to_string(partition) + "-" + std::to_string(next + i);
    maker.done(id, {quiz_event(id)});
  }
  return maker;
}

StoredPosition claim(Store& store, std::int32_t partition, const std::string& owner) {
  const TopicPartition wanted = partition_of("t", partition);
  return store.positions().claim(scope_of(), std::span(&wanted, 1), owner, false).at(0);
}

/// Takes over a partition where the store says that it stands and commits batches until `end`.
void consume_until(const std::filesystem::path& dir, std::int32_t partition, std::int64_t end) {
  const auto store = open_store(dir, OpenMode::read_write);
  const StoredPosition position = claim(*store, partition, std::to_string(getpid()));
  for (std::int64_t next = position.next ? position.next->get() : 0; next < end; next += k_records) {
    if (!store->outcomes().commit(make_batch(partition, position.epoch, next).batch).fenced.empty()) return;
    tell_parent(std::to_string(next + k_records));
  }
}

}  // namespace

TEST_CASE("child: consumes without end", "[.child]") {
  consume_until(child_folder(), 0, 1'000'000'000);
}

TEST_CASE("child: consumes partition 1 up to 5000", "[.child]") {
  consume_until(child_folder(), 1, 5000);
}

TEST_CASE("F9: a full disk loses nothing, and with room again the same batch is applied", "[store]") {
  SmallDisk disk("1m");
  const auto store = open_store(disk.path(), OpenMode::read_write);
  const std::int64_t epoch = claim(*store, 0, "p").epoch;
  std::int64_t next = 0;
  std::optional<Error> error;
  while (!(error = thrown_by([&] { store->outcomes().commit(make_batch(0, epoch, next).batch); })))
    next += k_records;
  CHECK(error->code() == ErrorCode::no_space);
  CHECK(error->retryable());
  CHECK_THAT(error->what(), Catch::Contains((disk / "store.db").string()));
  CHECK(next > 0);
  CHECK(store->positions().read(scope_of()).at(0).next == Offset(next));
  disk.resize("8m");
  CHECK_THAT(fates(store->outcomes().commit(make_batch(0, epoch, next).batch)),
             Catch::StartsWith("applied applied"));
  const auto database = open_store_file(disk.path(), OpenMode::read_only);
  CHECK(database->integer("SELECT count(*) FROM quiz_events") == next + k_records);
  CHECK(database->integer("SELECT sum(entries) FROM hash_runs WHERE kind = 0") == next + k_records);
  CHECK(database->integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1);
}

TEST_CASE_METHOD(StoreFixture,
                 "F1: kill -9 at any moment leaves each event once and nothing of a batch alone", "[store]") {
  std::int64_t told = 0;
  for (int round = 0; round < 10; ++round) {
    Child child("child: consumes without end", dir.path());
    for (int line = 0; line <= 7 * round; ++line) told = std::stoll(child.read_line());
    child.signal(SIGKILL);
    CHECK(child.wait() == 128 + SIGKILL);
    const std::int64_t next = store->positions().read(scope_of()).at(0).next.value().get();
    CHECK(next >= told);
    CHECK(number("SELECT count(*) FROM quiz_events") == next);
    CHECK(number("SELECT sum(entries) FROM hash_runs WHERE kind = 0") == next);
  }
  CHECK(text("PRAGMA integrity_check") == "ok");
}

TEST_CASE_METHOD(StoreFixture, "F5: a stopped consumer that was taken over writes nothing when it goes on",
                 "[store]") {
  Child zombie("child: consumes without end", dir.path());
  (void)zombie.read_line();
  const auto stop_and_claim = [&] {
    zombie.signal(SIGSTOP);
    zombie.wait_until_stopped();
    return claim(*store, 0, "successor");
  };
  StoredPosition position;
  // Stopped inside a transaction it holds the lock, and the error names it: then again.
  while (const auto locked = thrown_by([&] { position = stop_and_claim(); })) {
    CHECK_THAT(locked->what(), Catch::Contains(std::to_string(zombie.pid())));
    zombie.signal(SIGCONT);
    (void)zombie.read_line();
  }
  zombie.signal(SIGCONT);
  while (!zombie.read_line().empty()) continue;
  CHECK(zombie.wait() == 0);
  const std::int64_t next = position.next.value().get();
  CHECK(store->positions().read(scope_of()).at(0).next == Offset(next));
  CHECK(number("SELECT count(*) FROM quiz_events") == next);
}

TEST_CASE_METHOD(StoreFixture, "two processes share a store and each keeps its own partition's order",
                 "[store]") {
  Child child("child: consumes partition 1 up to 5000", dir.path());
  const StoredPosition position = claim(*store, 0, "p");
  for (std::int64_t next = 0; next < 5000; next += k_records) {
    store->outcomes().commit(make_batch(0, position.epoch, next).batch);
  }
  while (!child.read_line().empty()) continue;
  CHECK(child.wait() == 0);
  CHECK(number("SELECT count(*) FROM quiz_events") == 10'000);
  CHECK(number("SELECT sum(next) FROM positions") == 10'000);
}
