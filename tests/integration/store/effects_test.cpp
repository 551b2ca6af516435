// What handled events change: one row an entity, the newest event wins.
#include <catch2/catch.hpp>

#include "integration/store/batch_maker.hpp"

using namespace kbeat;
using namespace kbeat::store;
using namespace kbeat::test;

namespace {

struct Effects : StoreFixture {
  const TopicPartition t = partition_of("t");
  const std::int64_t epoch = own(t);
  int events = 0;

  /// Applies effects as an event that came first from `partition` at `offset`.
  std::string apply(std::vector<Effect> effects, const Origin& origin) {
    BatchMaker maker(t, epoch, events++);
    maker.done("e" + std::to_string(events), std::move(effects)).origin = origin;
    return fates(store->outcomes().commit(maker.batch));
  }
  static Origin at(std::int64_t offset, std::int64_t ms = 0, std::int32_t partition = 0) {
    return {.topic = "t", .partition = partition, .offset = offset, .timestamp = WallTime(Milliseconds(ms))};
  }
};

}  // namespace

TEST_CASE_METHOD(Effects, "a beat's row has a column a core metric, and the rest as JSON", "[store]") {
  UpsertBeatMetrics effect{
      .beat_id = "b1",
      .user_id = "u1",
      .audio_url = "http://a/b.wav",
      .core = {{"bpm", 120.5}, {"beats", std::string("[0.5]")}, {"channels", std::int64_t{2}}},
      .extra = R"({"onset_rate":3})"};
  CHECK(apply({effect}, at(1)) == "applied");
  CHECK(text("SELECT user_id || ' ' || bpm || ' ' || beats || ' ' || channels || ' ' || extra FROM "
             "beat_metrics") == R"(u1 120.5 [0.5] 2 {"onset_rate":3})");
  CHECK(number("SELECT key IS NULL FROM beat_metrics") == 1);
  CHECK(store->beats().audio_url("b1") == "http://a/b.wav");
  CHECK_FALSE(store->beats().audio_url("b2"));
}

TEST_CASE_METHOD(Effects, "the user of a beat without one is null, not an empty text", "[store]") {
  apply({UpsertBeatMetrics{.beat_id = "b1", .user_id = {}, .audio_url = "x", .core = {}}}, at(1));
  CHECK(number("SELECT user_id IS NULL FROM beat_metrics") == 1);
}

TEST_CASE_METHOD(Effects, "writing a beat again leaves nothing of the analysis before", "[store]") {
  apply({beat("b1", 100)}, at(1));
  apply({UpsertBeatMetrics{.beat_id = "b1", .user_id = "u", .audio_url = "x", .core = {{"energy", 5.0}}}},
        at(2));
  CHECK(number("SELECT bpm IS NULL AND beats IS NULL AND energy = 5 FROM beat_metrics") == 1);
}

TEST_CASE_METHOD(Effects, "8: an older event is done, superseded, and changes nothing", "[store]") {
  CHECK(apply({beat("b1", 100)}, at(7)) == "applied");
  const Emit emit{
      .topic = TopicName("analytics-events"), .key = {}, .value = "{}", .headers = {}, .event_id = "i"};
  CHECK(apply({beat("b1", 90), emit}, at(3)) == "superseded");
  CHECK(number("SELECT bpm FROM beat_metrics") == 100);
  CHECK(store->outbox().counts().waiting == 0);
  CHECK(apply({beat("b1", 110)}, at(7)) == "applied");
  CHECK(apply({beat("b1", 120)}, at(8)) == "applied");
  CHECK(number("SELECT sum(entries) FROM hash_runs WHERE kind = 0") == 4);
}

TEST_CASE_METHOD(Effects, "8: events of different partitions are ordered by their timestamps", "[store]") {
  CHECK(apply({beat("b1", 100)}, at(900, 5000, 0)) == "applied");
  CHECK(apply({beat("b1", 90)}, at(1, 4999, 1)) == "superseded");
  CHECK(apply({beat("b1", 110)}, at(1, 5001, 1)) == "applied");
}

TEST_CASE_METHOD(Effects, "8: a deleted beat leaves a tombstone that an older event cannot undo", "[store]") {
  apply({beat("b1", 100)}, at(1));
  CHECK(apply({DeleteBeat{"b1"}}, at(5)) == "applied");
  CHECK(number("SELECT deleted AND bpm IS NULL AND audio_url IS NULL FROM beat_metrics") == 1);
  CHECK_FALSE(store->beats().audio_url("b1"));
  CHECK(apply({beat("b1", 90)}, at(2)) == "superseded");
  CHECK(apply({DeleteBeat{"never-seen"}}, at(6)) == "applied");
  CHECK(apply({beat("never-seen", 90)}, at(4)) == "superseded");
  CHECK(apply({beat("b1", 140)}, at(9)) == "applied");
  CHECK(store->beats().audio_url("b1"));
}

TEST_CASE_METHOD(Effects, "a named metric keeps its newest value", "[store]") {
  CHECK(apply({UpsertMetric{.metric = "m", .value = "1"}}, at(5)) == "applied");
  CHECK(apply({UpsertMetric{.metric = "m", .value = "0"}}, at(4)) == "superseded");
  CHECK(apply({UpsertMetric{.metric = "m", .value = R"({"v":2})", .metadata = R"({"unit":"x"})"}}, at(6)) ==
        "applied");
  CHECK(text("SELECT name || value || metadata FROM metrics") == R"(m{"v":2}{"unit":"x"})");
}

TEST_CASE_METHOD(Effects, "the dashboard sums up what the store holds", "[store]") {
  apply({beat("b1", 100), beat("b2", 140), beat("b3", 50), quiz_event("q1")}, at(1));
  apply({DeleteBeat{"b3"}}, at(2));
  apply({InsertNotification{.user_id = "u", .event = "e", .content = "c"}}, at(3));
  apply({RefreshDashboard{}}, at(4));
  CHECK(
      text("SELECT value ->> 'count' || ' ' || (value ->> 'bpm_mean') FROM dashboard WHERE name = 'beats'") ==
      "2 120.0");
  CHECK(text("SELECT value FROM dashboard WHERE name = 'keys'") == R"({"unknown":2})");
  CHECK(text("SELECT value FROM dashboard WHERE name = 'counts'") ==
        R"({"metrics":0,"quiz_events":1,"notifications_unsent":1,"dead_letters_open":0})");
  apply({RefreshDashboard{}}, at(5));
  CHECK(number("SELECT count(*) FROM dashboard") == 3);
}

TEST_CASE_METHOD(Effects, "a quiz event keeps its JSON verbatim and takes a missing timer", "[store]") {
  UpsertQuizEvent event = std::get<UpsertQuizEvent>(quiz_event("q1"));
  event.timer_sec.reset();
  event.raw = R"({ "n":9007199254740993, "x":1.10 })";
  apply({event}, at(1));
  CHECK(text("SELECT raw FROM quiz_events WHERE timer_sec IS NULL AND session_id = 's'") == event.raw);
}

TEST_CASE_METHOD(Effects, "5.9: hostile text is data", "[store]") {
  const std::string hostile = "'; DROP TABLE beat_metrics; --%_\"\xff";
  UpsertQuizEvent event = std::get<UpsertQuizEvent>(quiz_event(hostile, hostile));
  apply({event, beat(hostile, 1, hostile), UpsertMetric{.metric = hostile, .value = "1"},
         InsertNotification{.user_id = hostile, .event = hostile, .content = hostile}},
        at(1));
  CHECK(text("SELECT event_type FROM quiz_events") == hostile);
  CHECK(store->beats().audio_url(hostile) == hostile);
}

TEST_CASE_METHOD(Effects, "an event with several notifications inserts each of them once", "[store]") {
  const InsertNotification note{.user_id = "u", .event = "e", .content = "c"};
  apply({note, note}, at(1));
  CHECK(number("SELECT count(*) FROM notifications WHERE sent_status = 'unsent'") == 2);
}

TEST_CASE_METHOD(Effects, "9: what a handler sends is an outbox row of its transaction", "[store]") {
  const Emit emit{.topic = TopicName("analytics-events"),
                  .key = "b1",
                  .value = std::nullopt,
                  .headers = {{"a", "1"}, {"a", std::nullopt}},
                  .event_id = "src/METRIC_CALCULATED"};
  apply({beat("b1", 100), emit}, at(1));
  const auto rows = store->outbox().waiting(0, 10, {});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].event_id == "src/METRIC_CALCULATED");
  CHECK(rows[0].record.key == "b1");
  CHECK_FALSE(rows[0].record.value);
  CHECK(rows[0].record.headers == emit.headers);
  CHECK(rows[0].record.partition == Partition(-1));
  CHECK(rows[0].letter.empty());
}
