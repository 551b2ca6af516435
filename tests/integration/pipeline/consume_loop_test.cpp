// The main job on the memory transport and a real store: effects, dead letters, positions, order, ends.
#include "kbeat/pipeline/consume_loop.hpp"

#include <sqlite3.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <set>

#include "integration/pipeline/loop_bench.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/model/dead_letter.hpp"

using namespace kbeat;
using namespace kbeat::test;
using pipeline::ConsumeEnd;
using pipeline::ConsumeResult;

namespace {

/// Counts rows with a connection of SQLite's own, not ours.
int count(const LoopBench& bench, const std::string& sql) {
  sqlite3* connection = nullptr;
  REQUIRE(sqlite3_open_v2((bench.dir / "store.db").c_str(), &connection, SQLITE_OPEN_READONLY, nullptr) ==
          SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  REQUIRE(sqlite3_prepare_v2(connection, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
  const int found = sqlite3_column_int(statement, 0);
  sqlite3_finalize(statement);
  sqlite3_close(connection);
  return found;
}

std::vector<std::pair<std::string, std::string>> events(int from, int to) {
  std::vector<std::pair<std::string, std::string>> made;
  for (int i = from; i < to; ++i)
    made.emplace_back("k" + std::to_string(i % 7), event_json("e" + std::to_string(i)));
  return made;
}

}  // namespace

TEST_CASE("every event is handled once and the next start goes on behind it", "[pipeline][consume_loop]") {
  LoopBench bench(3);
  bench.produce(events(0, 100));
  const ConsumeResult first = bench.consume(append_event);
  CHECK(first.end == ConsumeEnd::finished);
  CHECK(first.counts.done == 100);
  CHECK(count(bench, "SELECT count(*) FROM events") == 100);
  CHECK(bench.results.lines.size() == 100);

  bench.produce(events(100, 120));
  const ConsumeResult second = bench.consume(append_event);
  CHECK(second.counts.read == 20);
  CHECK(count(bench, "SELECT count(*) FROM events") == 120);
}

TEST_CASE("what fails for good is a dead letter that gives its bytes back", "[pipeline][consume_loop]") {
  LoopBench bench;
  bench.produce({{"a", event_json("e1")}, {"b", "not json"}, {"c", event_json("e3")}});
  const ConsumeResult result =
      bench.consume([](const auto& record, const Event& event, const auto& context) -> Outcome {
        if (event.id == "e3") return Reject{FailureCategory::processing, "no such audio"};
        return append_event(record, event, context);
      });
  CHECK(result.counts.done == 1);
  CHECK(result.counts.dead_letters == 2);
  const std::vector<Record> letters = bench.read("dead.letter.queue");
  REQUIRE(letters.size() == 2);
  const DeadLetter first = read_dlq_record(RecordLoan(letters[0]).view());
  CHECK(first.category == FailureCategory::deserialization);
  CHECK(first.original.value == "not json");
  CHECK(first.original.key == "b");
  const DeadLetter second = read_dlq_record(RecordLoan(letters[1]).view());
  CHECK(second.error == "no such audio");
  CHECK(second.original.value == event_json("e3"));
  CHECK(second.handler == "scripted");
}

TEST_CASE("a failure that passes is retried and then done", "[pipeline][consume_loop]") {
  LoopBench bench;
  bench.produce({{"a", event_json("e1")}});
  std::atomic<int> tries{0};
  const ConsumeResult result =
      bench.consume([&](const auto& record, const Event& event, const auto& context) -> Outcome {
        CHECK(context.attempt == tries + 1);
        if (++tries < 3) return Retry{FailureCategory::timeout, "slow", std::nullopt};
        return append_event(record, event, context);
      });
  CHECK(tries == 3);
  CHECK(result.counts.done == 1);
  CHECK(result.counts.retries == 2);
  REQUIRE(bench.results.lines.size() == 1);
  CHECK_THAT(bench.results.lines[0], Catch::Contains("\"outcome\":\"done\",\"attempts\":3"));
}

TEST_CASE("R1: a failure that stays is tried four times and dead-lettered", "[pipeline][consume_loop]") {
  LoopBench bench;
  bench.produce({{"a", event_json("e1")}});
  const ConsumeResult result = bench.consume([](const auto&, const auto&, const auto&) -> Outcome {
    throw Error(ErrorCode::timed_out, "still slow");
  });
  CHECK(result.counts.dead_letters == 1);
  const DeadLetter letter = read_dlq_record(RecordLoan(bench.read("dead.letter.queue").at(0)).view());
  CHECK(letter.attempts == 4);
  CHECK(letter.category == FailureCategory::timeout);
}

TEST_CASE("the same event twice in the topic is once in the store", "[pipeline][consume_loop]") {
  LoopBench bench;
  bench.produce({{"a", event_json("e1")}, {"a", event_json("e1")}, {"a", event_json("e1", "2")}});
  const ConsumeResult result = bench.consume(append_event);
  CHECK(result.counts.done == 1);
  CHECK(result.counts.duplicates == 1);
  CHECK(result.counts.dead_letters == 1);
  CHECK(count(bench, "SELECT count(*) FROM events") == 1);
  const DeadLetter letter = read_dlq_record(RecordLoan(bench.read("dead.letter.queue").at(0)).view());
  CHECK_THAT(letter.error, Catch::Contains("event id reused"));
}

TEST_CASE("C5: with several workers the order per key is kept", "[pipeline][consume_loop]") {
  LoopBench bench(3);
  bench.options.workers = 4;
  bench.produce(events(0, 700));
  std::mutex mutex;
  std::map<std::string, std::vector<std::int64_t>> seen;
  const ConsumeResult result =
      bench.consume([&](const RecordView& record, const Event& event, const auto& context) {
        {
          const std::lock_guard lock(mutex);
          seen[std::string(*record.key)].push_back(record.offset.get());
        }
        return append_event(record, event, context);
      });
  CHECK(result.counts.done == 700);
  CHECK(seen.size() == 7);
  for (const auto& [key, offsets] : seen) CHECK(std::is_sorted(offsets.begin(), offsets.end()));
}

TEST_CASE("unknown types are counted and done, or rejected when strict", "[pipeline][consume_loop]") {
  LoopBench bench;
  const std::string other = R"({"event_id":"x","event_type":"OTHER"})";
  bench.produce({{"a", other}});
  CHECK(bench.consume(append_event).counts.unhandled == 1);
  bench.options.runner.strict = true;
  bench.produce({{"a", other}});
  CHECK(bench.consume(append_event).counts.dead_letters == 1);
}

TEST_CASE("a count ends the run after so many events", "[pipeline][consume_loop]") {
  LoopBench bench;
  bench.produce(events(0, 50));
  bench.options.exit_at_end = false;
  bench.options.count = 7;
  CHECK(bench.consume(append_event).counts.done == 7);
  CHECK(bench.consume(append_event).counts.done == 7);
  CHECK(count(bench, "SELECT count(*) FROM events") == 14);
}

TEST_CASE("a topic that the group never had may begin at its end", "[pipeline][consume_loop]") {
  LoopBench bench;
  bench.produce(events(0, 10));
  bench.options.policy = pipeline::FromLatest{};
  CHECK(bench.consume(append_event).counts.read == 0);
  bench.produce(events(10, 15));
  CHECK(bench.consume(append_event).counts.done == 5);
}

TEST_CASE("a first start at the end counts for every partition, and never again",
          "[pipeline][consume_loop][delivery-4]") {
  LoopBench bench(3);
  bench.produce(events(0, 30));
  bench.options.policy = pipeline::FromLatest{};
  CHECK(bench.consume(append_event).counts.read == 0);
  bench.transport->make_topic_admin(Milliseconds{5000})->add_partitions(TopicName{"events"}, 6);
  bench.produce(events(30, 90));
  CHECK(bench.consume(append_event).counts.done == 60);
}

TEST_CASE("a first start at a time takes what is younger, in every partition",
          "[pipeline][consume_loop][delivery-4]") {
  LoopBench bench(3);
  bench.produce(events(0, 30));
  bench.options.policy = WallTime{bench.clock.now() + std::chrono::hours{1}};
  CHECK(bench.consume(append_event).counts.read == 0);
}

TEST_CASE("a topic that another host of the group has had is begun nowhere but where it stands",
          "[pipeline][consume_loop][delivery-4]") {
  LoopBench bench(2);
  bench.produce(events(0, 20));
  const transport::CommittedPosition other{{TopicName{"events"}, Partition{0}}, Offset{0}, "kbeat/1 other 1"};
  bench.transport->make_offset_admin(Milliseconds{5000})->set_committed(GroupId{"g"}, std::span(&other, 1));
  bench.options.policy = pipeline::FromLatest{};
  CHECK(bench.consume(append_event).counts.done == 20);
}

TEST_CASE("S1: a stop finishes what is in hand and commits it", "[pipeline][consume_loop]") {
  LoopBench bench;
  bench.options.exit_at_end = false;
  bench.produce(events(0, 500));
  std::stop_source source;
  std::atomic<int> handled{0};
  const ConsumeResult result = bench.consume(
      [&](const auto& record, const Event& event, const auto& context) {
        if (++handled == 40) source.request_stop();
        return append_event(record, event, context);
      },
      source.get_token());
  CHECK(result.end == ConsumeEnd::stopped);
  CHECK(result.counts.done == static_cast<std::uint64_t>(handled.load()));
  bench.options.exit_at_end = true;
  static_cast<void>(bench.consume(append_event));
  CHECK(count(bench, "SELECT count(*) FROM events") == 500);
}

TEST_CASE("without dead letters the first failure stops the run and nothing behind it is skipped",
          "[pipeline][consume_loop]") {
  LoopBench bench;
  bench.options.dead_letters = false;
  bench.produce({{"a", event_json("e1")}, {"a", "broken"}, {"a", event_json("e3")}});
  CHECK_THROWS_WITH(bench.consume(append_event), Catch::Contains("offset 1 failed and --no-dlq is set"));
  CHECK(count(bench, "SELECT count(*) FROM events") == 1);
  bench.options.dead_letters = true;
  CHECK(bench.consume(append_event).counts.read == 2);
}

TEST_CASE("a topic made anew is noticed", "[pipeline][consume_loop][delivery-5]") {
  LoopBench bench;
  bench.produce(events(0, 5));
  static_cast<void>(bench.consume(append_event));
  const auto admin = bench.transport->make_topic_admin(Milliseconds{5000});
  admin->remove(TopicName{"events"});
  admin->create({.topic = TopicName{"events"}, .partitions = 1});
  bench.produce(events(100, 110));
  CHECK_THROWS_WITH(bench.consume(append_event), Catch::Contains("made anew"));
  bench.options.on_gap = pipeline::OnGap::skip;
  CHECK(bench.consume(append_event).counts.done == 10);
}

TEST_CASE("a reset by another tool is honoured and events done before are suppressed",
          "[pipeline][consume_loop][delivery-3]") {
  LoopBench bench;
  bench.produce(events(0, 10));
  static_cast<void>(bench.consume(append_event));
  const auto offsets = bench.transport->make_offset_admin(Milliseconds{5000});
  const transport::CommittedPosition back{{TopicName{"events"}, Partition{0}}, Offset{4}, ""};
  offsets->set_committed(GroupId{"g"}, std::span(&back, 1));
  const ConsumeResult result = bench.consume(append_event);
  CHECK(result.counts.read == 6);
  CHECK(result.counts.duplicates == 6);
  CHECK(count(bench, "SELECT count(*) FROM events") == 10);
}

TEST_CASE("what a handler sends goes out once, with its id and origin",
          "[pipeline][consume_loop][delivery-9]") {
  LoopBench bench;
  bench.produce({{"a", event_json("e1")}, {"a", event_json("e1")}});
  static_cast<void>(
      bench.consume([](const RecordView&, const Event&, const handlers::HandlerContext& context) {
        return Outcome{Done{.effects = {Emit{.topic = TopicName{"out"},
                                             .key = "a",
                                             .value = "{}",
                                             .headers = {},
                                             .event_id = std::string(context.identity) + "/RESULT"}},
                            .result = ""}};
      }));
  const std::vector<Record> sent = bench.read("out");
  REQUIRE(sent.size() == 1);
  const std::span<const Header> headers(sent[0].headers);
  CHECK(find_header(headers, "kbeat.event-id")->value == "events/T/e1/RESULT");
  CHECK(find_header(headers, "kbeat.origin-offset")->value == "0");
  CHECK(find_header(headers, "kbeat.outbox") != nullptr);
}

TEST_CASE("two consumers of a group share the partitions and lose nothing", "[pipeline][consume_loop]") {
  LoopBench bench(4);
  bench.produce(events(0, 400));
  std::atomic<std::uint64_t> done{0};
  std::jthread other([&] {
    const ScriptedRegistry registry(append_event);
    CollectedLines lines;
    const pipeline::ConsumeParts parts{*bench.transport, [&] { return bench.open(); }, registry, lines,
                                       bench.clock};
    done += pipeline::ConsumeLoop(parts, bench.options).run({}).counts.done;
  });
  done += bench.consume(append_event).counts.done;
  other.join();
  CHECK(done == 400);
  CHECK(count(bench, "SELECT count(*) FROM events") == 400);
}
