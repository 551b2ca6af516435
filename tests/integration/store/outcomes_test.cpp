// The one write of the main job: fencing, duplicates, letters, and what stands after it.
#include "kbeat/store/outcomes.hpp"

#include <catch2/catch.hpp>

#include "integration/store/batch_maker.hpp"
#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::store;
using namespace kbeat::test;

namespace {

struct Owned : StoreFixture {
  const TopicPartition t = partition_of("t");
  const std::int64_t epoch = own(t);

  std::string commit(const BatchMaker& maker) { return fates(store->outcomes().commit(maker.batch)); }
  std::int64_t next() { return store->positions().read(scope_of()).at(0).next.value().get(); }
};

}  // namespace

TEST_CASE_METHOD(Owned, "C1: effects, letters, marks and the next offset are one transaction", "[store]") {
  BatchMaker maker(t, epoch);
  maker.done("a", {quiz_event("a")});
  maker.letter("no beatId");
  maker.skip();
  maker.batch.progress.front().mark = RecordMark{.offset = Offset(2), .timestamp = {}, .hash = "h"};
  CHECK(commit(maker) == "applied dead_letter skipped");
  CHECK(next() == 3);
  CHECK(store->positions().read(scope_of()).at(0).mark->offset == Offset(2));
  CHECK(number("SELECT count(*) FROM quiz_events") == 1);
  CHECK(number("SELECT sum(entries) FROM hash_runs WHERE kind = 0") == 1);
  CHECK(number("SELECT count(*) FROM dead_letters WHERE state = 'pending'") == 1);
  CHECK(store->outbox().counts().waiting_letters == 1);
}

TEST_CASE_METHOD(Owned, "C4: nothing of a fenced partition is written, and the others are", "[store]") {
  const TopicPartition u = partition_of("u");
  const std::int64_t u_epoch = own(u);
  (void)store->positions().claim(scope_of(), std::span(&t, 1), "another", false);
  BatchMaker maker(t, epoch);
  maker.done("a", {quiz_event("a")});
  maker.letter("x");
  BatchMaker other(u, u_epoch);
  other.done("b", {quiz_event("b")});
  maker.batch.progress.push_back(other.batch.progress.front());
  maker.batch.records.push_back(other.batch.records.front());
  maker.batch.records.back().progress = 1;
  const CommitReport report = store->outcomes().commit(maker.batch);
  CHECK(fates(report) == "fenced fenced applied");
  CHECK(report.fenced == std::vector<TopicPartition>{t});
  CHECK(text("SELECT group_concat(event_id) FROM quiz_events") == "b");
  CHECK(number("SELECT count(*) FROM dead_letters") == 0);
  CHECK(next() == 0);
}

TEST_CASE_METHOD(Owned, "C2: a record below next, or finished before, changes nothing", "[store]") {
  BatchMaker first(t, epoch);
  first.done("a", {quiz_event("a")});
  first.leave_unfinished();
  first.done("c", {quiz_event("c")});
  CHECK(commit(first) == "applied applied");
  CHECK(next() == 1);
  BatchMaker again(t, epoch);
  again.done("x", {quiz_event("x")});
  again.done("b", {quiz_event("b")});
  again.letter("a letter of a record that was done");
  CHECK(commit(again) == "duplicate applied duplicate");
  CHECK(next() == 3);
  CHECK(text("SELECT group_concat(event_id) FROM (SELECT event_id FROM quiz_events ORDER BY event_id)") ==
        "a,b,c");
  CHECK(number("SELECT count(*) FROM dead_letters") == 0);
  CHECK(number("SELECT count(*) FROM finished") == 0);
}

TEST_CASE_METHOD(Owned, "7: an event delivered again at another offset is suppressed", "[store]") {
  BatchMaker first(t, epoch);
  first.done("a", {quiz_event("a", "first")});
  CHECK(commit(first) == "applied");
  BatchMaker again(t, epoch, 1);
  again.done("a", {quiz_event("a", "second")});
  CHECK(commit(again) == "duplicate");
  CHECK(text("SELECT event_type FROM quiz_events") == "first");
}

TEST_CASE_METHOD(Owned, "7: twice in one batch is once", "[store]") {
  BatchMaker maker(t, epoch);
  maker.done("a", {AppendEvent{.type = "x", .subject = "s", .raw = "{}"}});
  maker.done("a", {AppendEvent{.type = "x", .subject = "s", .raw = "{}"}});
  CHECK(commit(maker) == "applied duplicate");
  CHECK(number("SELECT count(*) FROM events") == 1);
}

TEST_CASE_METHOD(Owned, "7: the same id with other bytes is a dead letter, outside a retry", "[store]") {
  BatchMaker first(t, epoch);
  first.done("a", {quiz_event("a")}, "one");
  CHECK(commit(first) == "applied");
  BatchMaker again(t, epoch, 1);
  again.done("a", {quiz_event("a", "other")}, "two");
  again.done("a", {quiz_event("a", "other")}, "two").may_differ = true;
  const CommitReport report = store->outcomes().commit(again.batch);
  CHECK(fates(report) == "dead_letter duplicate");
  CHECK_THAT(report.records.front().error, Catch::StartsWith("event id reused: \"a\""));
  CHECK_THAT(text("SELECT error FROM dead_letters"), Catch::StartsWith("event id reused"));
  CHECK(text("SELECT event_type FROM quiz_events") == "answer");
}

TEST_CASE_METHOD(Owned, "a forced replay applies again and replaces its rows", "[store]") {
  BatchMaker first(t, epoch);
  first.done("a", {quiz_event("a"), AppendEvent{.type = "x", .subject = "s", .raw = "1"}}, "one");
  CHECK(commit(first) == "applied");
  BatchMaker again(t, epoch, 1);
  again.done("a", {quiz_event("a", "other"), AppendEvent{.type = "x", .subject = "s", .raw = "2"}}, "two")
      .force = true;
  CHECK(commit(again) == "applied");
  CHECK(text("SELECT event_type FROM quiz_events") == "other");
  CHECK(text("SELECT group_concat(raw) FROM events") == "2");
  BatchMaker third(t, epoch, 2);
  third.done("a", {quiz_event("a")}, "two");
  third.done("a", {quiz_event("a")}, "one");
  CHECK(commit(third) == "duplicate dead_letter");
}

TEST_CASE_METHOD(Owned, "marks belong to a group and a handler", "[store]") {
  BatchMaker first(t, epoch);
  first.done("a");
  first.done("a").handler = "other";
  CHECK(commit(first) == "applied applied");
  const std::vector<std::string> ids{"a", "b"};
  const auto marks = store->outcomes().find_marks(GroupId("g"), "h", ids);
  CHECK(marks == std::vector<bool>{true, false});
  CHECK_FALSE(store->outcomes().find_marks(GroupId("h"), "g", ids).at(0));
}

TEST_CASE_METHOD(Owned, "6: an effect that the database refuses becomes a letter and the batch goes on",
                 "[store]") {
  BatchMaker maker(t, epoch);
  maker.done("a", {quiz_event("a")});
  maker.done("b",
             {quiz_event("b"),
              UpsertBeatMetrics{.beat_id = "x", .user_id = {}, .audio_url = {}, .core = {{"bpm; --", 1.0}}}});
  maker.done("b", {quiz_event("b")});
  const CommitReport report = store->outcomes().commit(maker.batch);
  CHECK(fates(report) == "applied dead_letter applied");
  CHECK_THAT(report.records[1].error, Catch::Contains("no core metric"));
  CHECK(next() == 3);
  CHECK(text("SELECT group_concat(event_id) FROM (SELECT event_id FROM quiz_events ORDER BY 1)") == "a,b");
  CHECK(number("SELECT sum(entries) FROM hash_runs WHERE kind = 0") == 2);
  CHECK(number("SELECT count(*) FROM dead_letters") == 1);
}

TEST_CASE_METHOD(Owned, "D4: a letter and the record that it owes are written together, byte for byte",
                 "[store]") {
  BatchMaker maker(t, epoch);
  maker.letter("no beatId");
  commit(maker);
  const auto rows = store->outbox().waiting(0, 10, {});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].letter == "c/g/t/0/0");
  Record sent = rows[0].record;
  CHECK(sent.topic == TopicName("dead.letter.queue"));
  const RecordLoan loan(sent);
  const DeadLetter read = read_dlq_record(loan.view());
  const DeadLetter wanted = letter_of(t, 0, "no beatId");
  CHECK(read.original.value == wanted.original.value);
  CHECK(read.original.key == wanted.original.key);
  CHECK(read.original.headers == wanted.original.headers);
  CHECK(read.error == "no beatId");
}

TEST_CASE_METHOD(Owned, "1: a record that fails again after a reset is one letter, owed once", "[store]") {
  BatchMaker first(t, epoch);
  first.letter("first failure");
  commit(first);
  StoredPosition position = store->positions().read(scope_of()).at(0);
  position.next = Offset(0);
  store->positions().set(scope_of(), position, PositionChange::reset);
  BatchMaker again(t, epoch);
  again.letter("second failure");
  CHECK(commit(again) == "dead_letter");
  CHECK(number("SELECT count(*) FROM dead_letters") == 1);
  CHECK(text("SELECT error FROM dead_letters") == "second failure");
  const auto rows = store->outbox().waiting(0, 10, {});
  REQUIRE(rows.size() == 1);
  CHECK_THAT(rows[0].record.value.value(), Catch::Contains("second failure"));
}

TEST_CASE_METHOD(Owned, "13: a record that crashed kbeat is suspect until it is finished", "[store]") {
  auto& outcomes = store->outcomes();
  CHECK(outcomes.note_crash(scope_of(), t, Offset(0), false) == 0);
  CHECK(outcomes.note_crash(scope_of(), t, Offset(0), true) == 1);
  CHECK(outcomes.note_crash(scope_of(), t, Offset(0), true) == 2);
  CHECK(outcomes.note_crash(scope_of(), t, Offset(5), false) == 0);
  REQUIRE(outcomes.suspects(scope_of()).size() == 2);
  CHECK(outcomes.suspects(scope_of())[0].crashes == 2);
  CHECK(outcomes.suspects(scope_of("other")).empty());
  BatchMaker maker(t, epoch);
  maker.letter("crashed");
  commit(maker);
  REQUIRE(outcomes.suspects(scope_of()).size() == 1);
  CHECK(outcomes.suspects(scope_of())[0].offset == Offset(5));
}

TEST_CASE_METHOD(Owned, "records without their partition's progress are a bug that shows itself", "[store]") {
  BatchMaker maker(t, epoch);
  maker.skip();
  maker.batch.progress.clear();
  CHECK(thrown_by([&] { store->outcomes().commit(maker.batch); })->code() == ErrorCode::internal);
}
