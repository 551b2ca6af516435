// Owed records: order, lease, parking, and the letters among them.
#include "kbeat/store/outbox.hpp"

#include <catch2/catch.hpp>

#include "integration/store/batch_maker.hpp"

using namespace kbeat;
using namespace kbeat::store;
using namespace kbeat::test;

namespace {

OutboxRow row_to(const std::string& topic, const std::string& value) {
  OutboxRow row;
  row.record.topic = TopicName(topic);
  row.record.value = value;
  row.event_id = "id-" + value;
  return row;
}

std::string values(const std::vector<OutboxRow>& rows) {
  std::string text;
  for (const OutboxRow& row : rows) text += row.record.value.value_or("null");
  return text;
}

struct Filled : StoreFixture {
  Outbox& outbox = store->outbox();
  std::vector<OutboxRow> rows{row_to("a", "1"), row_to("b", "2"), row_to("a", "3")};
  Filled() { outbox.append(rows); }
};

}  // namespace

TEST_CASE_METHOD(Filled, "rows are owed in the order of their numbers", "[store]") {
  CHECK(rows[0].seq < rows[1].seq);
  CHECK(rows[0].created > WallTime{});
  CHECK(values(outbox.waiting(0, 10, {})) == "123");
  CHECK(values(outbox.waiting(rows[0].seq, 1, {})) == "2");
  const std::vector<std::string> held{"a", "with \"quotes\""};
  CHECK(values(outbox.waiting(0, 10, held)) == "2");
}

TEST_CASE_METHOD(Filled, "acknowledged rows are gone and their numbers are never used again", "[store]") {
  const std::int64_t last = rows[2].seq;
  outbox.mark_sent(std::vector{rows[0].seq, rows[1].seq, last});
  CHECK(outbox.counts().waiting == 0);
  std::vector<OutboxRow> next{row_to("a", "4")};
  outbox.append(next);
  CHECK(next[0].seq > last);
}

TEST_CASE_METHOD(Filled, "10: a parked row stays, listed with its error, and the others go on", "[store]") {
  outbox.park(rows[1].seq, "too large");
  CHECK(values(outbox.waiting(0, 10, {})) == "13");
  CHECK(outbox.counts().parked == 1);
  CHECK(outbox.counts().waiting == 2);
  CHECK(text("SELECT error FROM outbox WHERE state = 2") == "too large");
}

TEST_CASE_METHOD(Filled, "10: one relay at a time holds the lease, until it is over", "[store]") {
  CHECK(outbox.lease("one", Milliseconds(60'000)));
  CHECK(outbox.lease("one", Milliseconds(60'000)));
  CHECK_FALSE(outbox.lease("two", Milliseconds(60'000)));
  CHECK(outbox.lease("one", Milliseconds(0)));
  CHECK(outbox.lease("two", Milliseconds(60'000)));
  CHECK_FALSE(outbox.lease("one", Milliseconds(60'000)));
}

TEST_CASE_METHOD(StoreFixture, "a letter that was acknowledged is published, and stays", "[store]") {
  BatchMaker maker(partition_of("t"), own(partition_of("t")));
  maker.letter("x");
  store->outcomes().commit(maker.batch);
  CHECK(store->outbox().counts().waiting_letters == 1);
  const auto rows = store->outbox().waiting(0, 10, {});
  store->outbox().mark_sent(std::vector{rows.at(0).seq});
  CHECK(store->outbox().counts().waiting_letters == 0);
  CHECK(text("SELECT state FROM dead_letters") == "published");
}

TEST_CASE_METHOD(Filled, "two connections number their rows from one sequence", "[store]") {
  const auto other = open_store(dir.path(), OpenMode::read_write);
  std::vector<OutboxRow> more{row_to("c", "4")};
  other->outbox().append(more);
  CHECK(values(outbox.waiting(0, 10, {})) == "1234");
}
