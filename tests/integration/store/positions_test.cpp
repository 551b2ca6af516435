// Positions: claiming, fencing, generations and what is kept across them.
#include "kbeat/store/positions.hpp"

#include <catch2/catch.hpp>

#include "integration/store/batch_maker.hpp"
#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::store;
using namespace kbeat::test;

namespace {

StoredPosition claim_one(Store& store, const std::string& owner, bool keep_epoch = false) {
  const TopicPartition partition = partition_of("t");
  return store.positions().claim(scope_of(), std::span(&partition, 1), owner, keep_epoch).at(0);
}

}  // namespace

TEST_CASE_METHOD(StoreFixture, "the store's id is made with it and never changes", "[store]") {
  const std::string id = store->positions().store_id();
  CHECK(id.size() == 16);
  store.reset();
  CHECK(open_store(dir.path(), OpenMode::read_only)->positions().store_id() == id);
  CHECK(StoreFixture().store->positions().store_id() != id);
}

TEST_CASE_METHOD(StoreFixture, "claimed partitions come back in the order given, unstarted at first",
                 "[store]") {
  const std::vector<TopicPartition> wanted{partition_of("b", 2), partition_of("a"), partition_of("b", 1)};
  const auto rows = store->positions().claim(scope_of(), wanted, "p1", true);
  REQUIRE(rows.size() == 3);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    CHECK(rows[i].partition == wanted[i]);
    CHECK_FALSE(rows[i].next);
    CHECK(rows[i].epoch == 1);
  }
  CHECK(store->positions().clusters_of(scope_of().group, TopicName("a")).empty());
}

TEST_CASE_METHOD(StoreFixture, "16: the epoch rises on a claim unless the same owner asks to keep it",
                 "[store]") {
  CHECK(claim_one(*store, "p1").epoch == 1);
  CHECK(claim_one(*store, "p1", true).epoch == 1);
  CHECK(claim_one(*store, "p1", false).epoch == 2);
  CHECK(claim_one(*store, "p2", true).epoch == 3);
}

TEST_CASE_METHOD(StoreFixture, "a position comes back with its mark, generation and finished offsets",
                 "[store]") {
  StoredPosition position = claim_one(*store, "p1");
  position.next = Offset(7);
  position.generation = 3;
  position.incarnation = 1;
  position.mark =
      RecordMark{.offset = Offset(5), .timestamp = WallTime(Milliseconds(9)), .hash = std::string("\0h", 2)};
  store->positions().set(scope_of(), position, PositionChange::reset);
  const StoredPosition read = store->positions().read(scope_of()).at(0);
  CHECK(read.next == Offset(7));
  CHECK(read.generation == 3);
  CHECK(read.incarnation == 1);
  CHECK(read.mark == position.mark);
  CHECK(store->positions().clusters_of(scope_of().group, TopicName("t")) ==
        std::vector<std::string>{scope_of().cluster});
  CHECK(store->positions().clusters_of(scope_of("other").group, TopicName("t")).empty());
  CHECK(store->positions().clusters_of(scope_of().group, TopicName("u")).empty());
}

TEST_CASE_METHOD(StoreFixture, "C4: a former owner cannot set a position", "[store]") {
  StoredPosition former = claim_one(*store, "p1");
  former.next = Offset(1);
  store->positions().set(scope_of(), former, PositionChange::first_start);
  (void)claim_one(*store, "p2");
  former.next = Offset(99);
  const auto error = thrown_by([&] { store->positions().set(scope_of(), former, PositionChange::reset); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::fenced);
  CHECK(store->positions().read(scope_of()).at(0).next == Offset(1));
}

TEST_CASE_METHOD(StoreFixture, "a reset drops finished offsets, an advance only those that it passes",
                 "[store]") {
  const std::int64_t epoch = own(partition_of("t"));
  BatchMaker maker(partition_of("t"), epoch);
  maker.leave_unfinished();
  maker.skip();
  maker.leave_unfinished();
  maker.skip();
  store->outcomes().commit(maker.batch);
  StoredPosition position = store->positions().read(scope_of()).at(0);
  CHECK(position.finished == std::set<std::int64_t>{1, 3});
  position.next = Offset(2);
  store->positions().set(scope_of(), position, PositionChange::advance);
  CHECK(store->positions().read(scope_of()).at(0).finished == std::set<std::int64_t>{3});
  position.next = Offset(0);
  store->positions().set(scope_of(), position, PositionChange::reset);
  CHECK(store->positions().read(scope_of()).at(0).finished.empty());
  CHECK(store->positions().read(scope_of()).at(0).next == Offset(0));
}

TEST_CASE_METHOD(StoreFixture, "3: an advance never lets next go down", "[store]") {
  StoredPosition position = claim_one(*store, "p1");
  position.next = Offset(10);
  store->positions().set(scope_of(), position, PositionChange::first_start);
  position.next = Offset(4);
  store->positions().set(scope_of(), position, PositionChange::advance);
  CHECK(store->positions().read(scope_of()).at(0).next == Offset(10));
}

TEST_CASE_METHOD(StoreFixture, "C6: a gap that was skipped leaves a row that names what was lost",
                 "[store]") {
  own(partition_of("t"), 5);
  StoredPosition position = store->positions().read(scope_of()).at(0);
  position.next = Offset(40);
  store->positions().set(scope_of(), position, PositionChange::gap_skipped);
  CHECK(text("SELECT topic || partition || ' ' || first_lost || ' ' || next FROM gaps") == "t0 5 40");
}

TEST_CASE_METHOD(StoreFixture, "5: rows that stem from a topic made anew yield to its new events",
                 "[store]") {
  const std::int64_t epoch = own(partition_of("t"), 100);
  BatchMaker old_log(partition_of("t"), epoch, 100);
  old_log.done("a", {beat("b1", 90)}).origin.timestamp = WallTime(Milliseconds(5000));
  store->outcomes().commit(old_log.batch);
  StoredPosition position = store->positions().read(scope_of()).at(0);
  position.next = Offset(0);
  position.incarnation = 1;
  store->positions().set(scope_of(), position, PositionChange::topic_made_anew);
  BatchMaker new_log(partition_of("t"), epoch);
  new_log.done("b", {beat("b1", 120)}).origin.timestamp = WallTime(Milliseconds(6000));
  CHECK(fates(store->outcomes().commit(new_log.batch)) == "applied");
  CHECK(number("SELECT bpm FROM beat_metrics") == 120);
}
