// How long dedupe marks are kept.
#include <catch2/catch.hpp>

#include "integration/store/batch_maker.hpp"

using namespace kbeat;
using namespace kbeat::store;
using namespace kbeat::test;

TEST_CASE_METHOD(StoreFixture,
                 "7: marks are dropped by age, but not those that a letter or an owed record needs",
                 "[store]") {
  const TopicPartition t = partition_of("t");
  BatchMaker maker(t, own(t));
  for (int i = 0; i < 300; ++i) maker.done("e" + std::to_string(i));
  maker.done("id-301");
  maker.letter("open");
  const Emit emit{.topic = TopicName("x"), .key = {}, .value = {}, .headers = {}, .event_id = "e7"};
  maker.done("sender", {emit});
  store->outcomes().commit(maker.batch);
  CHECK(store->outcomes().drop_marks(WallTime{}) == 0);
  CHECK(number("SELECT sum(entries) FROM hash_runs WHERE kind = 0") == 302);
  const WallTime later = SystemClock().now() + std::chrono::hours(1);
  CHECK(store->outcomes().drop_marks(later) == 300);
  const std::vector<std::string> ids{"e7", "id-301", "e8", "sender"};
  const auto marks = store->outcomes().find_marks(GroupId("g"), "h", ids);
  CHECK(marks[0]);
  CHECK(marks[1]);
  CHECK_FALSE(marks[2]);
  CHECK_FALSE(marks[3]);
  for (const OutboxRow& row : store->outbox().waiting(0, 10, {})) {
    store->outbox().mark_sent(std::vector{row.seq});
  }
  CHECK(store->outcomes().drop_marks(later) == 0);
  CHECK(store->outcomes().drop_marks(later + std::chrono::hours(1)) == 1);
}
