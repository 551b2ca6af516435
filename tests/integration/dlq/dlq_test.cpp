// Dead letters seen, retried once, and understood again after they come back.
#include <catch2/catch.hpp>

#include "integration/pipeline/loop_bench.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/dlq/letter_counter.hpp"
#include "kbeat/dlq/letter_retry.hpp"

using namespace kbeat;
using namespace kbeat::test;
using namespace kbeat::dlq;
using kbeat::pipeline::ConsumeResult;

namespace {

const TopicName k_dlq{"dead.letter.queue"};

Outcome refuse(const RecordView&, const Event&, const handlers::HandlerContext&) {
  return Reject{FailureCategory::processing, "not today"};
}

/// A letter with the bytes that it is read from.
struct Kept {
  std::string id;
  LetterKind kind;
  LetterForm form;
  LetterState state;
  std::string topic;
  std::string root;
  std::string error;
  int replays;
  std::optional<Bytes> value;
};

struct DlqBench : LoopBench {
  DlqBench() : store(open()) {}

  [[nodiscard]] DlqSource source() {
    return {.transport = *transport, .outbox = &store->outbox(), .archive = &store->letters()};
  }
  std::vector<Kept> view(const LetterQuery& query = {}) {
    std::vector<Kept> found;
    view_letters(source(), k_dlq, query, {}, [&](const SeenLetter& letter) {
      const auto value = letter.value();
      found.push_back({letter.id, letter.kind, letter.form, letter.state, std::string(letter.topic),
                       std::string(letter.root),
                       letter.kind == LetterKind::damaged ? letter.fault : letter.error, letter.replays,
                       value ? std::optional<Bytes>(*value) : std::nullopt});
    });
    return found;
  }
  DeskReport retry(const RetryOptions& how = {}, const DeskOptions& desk = {}) {
    RetryDecider decider(*transport, Milliseconds{5000}, how);
    return decide_letters(source(), k_dlq, desk, [&](const SeenLetter& letter) { return decider(letter); },
                          clock, {});
  }
  DeskReport close_all(LetterState state) {
    return decide_letters(source(), k_dlq, {},
                          [&](const SeenLetter&) {
                            return Decision{state, "by test"};
                          },
                          clock, {});
  }
  void send(const Record& record) {
    const auto producer = transport->make_producer({});
    std::vector<transport::Delivery> reports;
    REQUIRE(producer->send(RecordLoan(record).view(), 0) == transport::Accepted::yes);
    producer->flush(Milliseconds{5000}, reports);
    REQUIRE_FALSE(reports.at(0).error);
  }

  std::unique_ptr<store::Store> store;
};

std::uint64_t retried(const DeskReport& report) {
  return report.decided.contains(LetterState::retried) ? report.decided.at(LetterState::retried) : 0;
}

}  // namespace

TEST_CASE("a retried letter is handled again with its bytes, headers and identity", "[dlq]") {
  DlqBench bench;
  bench.produce({{"a", event_json("e1")}}, {{"h", std::nullopt}, {"h", "2"}});
  static_cast<void>(bench.consume(refuse));
  CHECK(bench.view().size() == 1);

  const DeskReport report = bench.retry();
  CHECK(retried(report) == 1);
  CHECK(report.targets.at("events") == 1);
  CHECK(bench.view().empty());
  CHECK(bench.view({.state = LetterState::retried}).size() == 1);

  std::vector<Header> headers;
  const ConsumeResult result =
      bench.consume([&](const RecordView& record, const Event& event, const auto& context) {
        headers = to_record(record).headers;
        CHECK(record.key == "a");
        CHECK(record.value == event_json("e1"));
        return append_event(record, event, context);
      });
  CHECK(result.counts.done == 1);
  REQUIRE(headers.size() > 2);
  CHECK(headers[0] == Header{"h", std::nullopt});
  CHECK(headers[1] == Header{"h", "2"});
  CHECK(find_header(std::span<const Header>(headers), "kbeat.event-id")->value == "events/T/e1");
  CHECK(std::none_of(headers.begin(), headers.end(),
                     [](const Header& each) { return each.name.starts_with("kbeat.dlq."); }));
}

TEST_CASE("a letter is retried once, however often retry runs", "[dlq][delivery-2]") {
  DlqBench bench;
  bench.produce({{"a", event_json("e1")}, {"b", "broken"}});
  static_cast<void>(bench.consume(refuse));
  CHECK(retried(bench.retry({}, {.dry_run = true})) == 2);
  CHECK(retried(bench.retry()) == 2);
  CHECK(retried(bench.retry()) == 0);
  CHECK(bench.read("events").size() == 4);
}

TEST_CASE("a retry that fails again is a new letter with the first one as its root", "[dlq][delivery-1]") {
  DlqBench bench;
  bench.produce({{"a", event_json("e1")}});
  static_cast<void>(bench.consume(refuse));
  const std::string first = bench.view().at(0).id;
  for (int replay = 1; replay <= 3; ++replay) {
    CHECK(retried(bench.retry()) == 1);
    static_cast<void>(bench.consume(refuse));
    const std::vector<Kept> open = bench.view();
    REQUIRE(open.size() == 1);
    CHECK(open[0].root == first);
    CHECK(open[0].replays == replay);
    CHECK(open[0].id != first);
  }
  const DeskReport report = bench.retry();
  CHECK(retried(report) == 0);
  CHECK(report.decided.at(LetterState::archived) == 1);
  CHECK(bench.view().empty());
  CHECK(bench.store->letters().read(0, 10).size() == 1);
}

TEST_CASE("another group passes a retried event over", "[dlq][delivery-17]") {
  DlqBench bench;
  bench.produce({{"a", event_json("e1")}});
  static_cast<void>(bench.consume(refuse));
  static_cast<void>(bench.retry());
  bench.options.group = GroupId{"other"};
  const ConsumeResult result = bench.consume(append_event);
  CHECK(result.counts.done == 1);
  CHECK(result.counts.skipped == 1);
}

TEST_CASE("letters are chosen by id, category and error", "[dlq]") {
  DlqBench bench;
  bench.produce({{"a", event_json("e1")}, {"b", "broken"}});
  static_cast<void>(bench.consume(refuse));
  CHECK(bench.view({.category = FailureCategory::deserialization}).size() == 1);
  CHECK(bench.view({.error_pattern = "not t.day"}).size() == 1);
  CHECK(bench.view({.ids = {"events/0/1"}}).at(0).value == "broken");
  CHECK(bench.view({.ids = {"events/0/%"}}).empty());
  CHECK_THROWS_WITH(bench.view({.error_pattern = "("}), Catch::Contains("--error"));
}

TEST_CASE("records that kbeat did not write are shown as foreign, damaged ones as damaged", "[dlq]") {
  DlqBench bench;
  bench.produce({{"a", event_json("e1")}});
  static_cast<void>(bench.consume(refuse));
  Record damaged = bench.read(k_dlq.get()).at(0);
  damaged.value = "{}";
  bench.send(damaged);
  bench.send({.topic = k_dlq, .value = "plain text"});
  const std::vector<Kept> entries = bench.view();
  REQUIRE(entries.size() == 3);
  CHECK(entries[1].kind == LetterKind::damaged);
  CHECK(entries[2].kind == LetterKind::foreign);
  const DeskReport report = bench.retry();
  CHECK(retried(report) == 1);
  CHECK(report.left.size() == 2);
}

TEST_CASE("a body of the house without headers gives its event back", "[dlq]") {
  DlqBench bench;
  bench.send(
      {.topic = k_dlq,
       .key = "k",
       .value =
           R"({"error":"no audio","originalEvent": {"n":1.10,"n":2} ,"timestamp":"2026-01-01T00:00:00Z"})"});
  bench.send({.topic = k_dlq, .value = R"({"originalEvent":"not \"json","error":"x","timestamp":"t"})"});
  const std::vector<Kept> entries = bench.view();
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].form == LetterForm::body);
  CHECK(entries[0].error == "no audio");
  CHECK(entries[0].value == R"({"n":1.10,"n":2})");
  CHECK(entries[1].value == "not \"json");
  const DeskReport report = bench.retry({.to = TopicName{"events"}});
  CHECK(retried(report) == 2);
  CHECK(bench.read("events").at(0).value == R"({"n":1.10,"n":2})");
}

TEST_CASE("a letter of Spring's goes back without the headers that Spring added", "[dlq]") {
  DlqBench bench;
  bench.send({.topic = k_dlq,
              .key = "k",
              .value = "v",
              .headers = {{"mine", "1"},
                          {"kafka_dlt-original-topic", "events"},
                          {"kafka_dlt-original-partition", Bytes("\0\0\0\0", 4)},
                          {"kafka_dlt-original-offset", Bytes("\0\0\0\0\0\0\x01\x02", 8)},
                          {"kafka_dlt-original-consumer-group", "billing"},
                          {"kafka_dlt-exception-fqcn", "org.example.DeserializationException"},
                          {"kafka_dlt-exception-message", "cannot read"},
                          {"kafka_dlt-exception-stacktrace", std::string(5000, 's')}}});
  CHECK(bench.view({.category = FailureCategory::deserialization}).size() == 1);
  CHECK(retried(bench.retry()) == 1);
  const Record copy = bench.read("events").at(0);
  CHECK(copy.value == "v");
  CHECK(copy.headers.at(0) == Header{"mine", "1"});
  const auto header = [&](std::string_view name) {
    const Header* found = find_header(std::span<const Header>(copy.headers), name);
    return found != nullptr ? found->value.value_or("") : "none";
  };
  CHECK(header("kbeat.retry-group") == "billing");
  CHECK(header("kbeat.origin-offset") == "258");
  CHECK(header("kbeat.retry-count") == "1");
  CHECK(header("kbeat.retry-of") == "@dead.letter.queue/0/0");
  CHECK(header("kafka_dlt-exception-stacktrace") == "none");
}

TEST_CASE("archived and discarded letters are closed, and the archive outlives the topic", "[dlq]") {
  DlqBench bench;
  bench.produce({{"a", event_json("e1")}});
  static_cast<void>(bench.consume(refuse));
  CHECK(bench.close_all(LetterState::archived).decided.at(LetterState::archived) == 1);
  CHECK(bench.view().empty());
  REQUIRE(bench.view({.state = LetterState::archived}).size() == 1);
  const std::string id = bench.view({.state = LetterState::archived}).at(0).id;
  CHECK(bench.store->letters().read(0, 10).at(0).identity == id);
  const DeskReport again = bench.retry({}, {.query = {.ids = {id}, .state = LetterState::archived}});
  CHECK(retried(again) == 1);
  CHECK(bench.close_all(LetterState::discarded).decided.empty());
}

TEST_CASE("a target topic that is gone leaves its letters open", "[dlq]") {
  DlqBench bench;
  bench.produce({{"a", event_json("e1")}});
  static_cast<void>(bench.consume(refuse));
  const DeskReport report = bench.retry({.to = TopicName{"nowhere"}});
  CHECK(report.left.at("topic nowhere does not exist") == 1);
  CHECK(bench.view().size() == 1);
}

TEST_CASE("a retry that is fenced in the middle says so and leaves the rest to the other",
          "[dlq][delivery-2]") {
  DlqBench bench;
  for (int i = 0; i < 600; ++i) bench.produce({{"a", event_json("e" + std::to_string(i))}});
  static_cast<void>(bench.consume(refuse));
  RetryDecider decider(*bench.transport, Milliseconds{5000}, {});
  int seen = 0;
  CHECK_THROWS_WITH(decide_letters(bench.source(), k_dlq, {},
                                   [&](const SeenLetter& letter) {
                                     if (++seen == 400) CHECK(retried(bench.retry()) == 350);
                                     return decider(letter);
                                   },
                                   bench.clock, {}),
                    Catch::Contains("another process began to decide"));
  CHECK(bench.view().empty());
  CHECK(bench.read("events").size() == 1200);
}

TEST_CASE("the counter of open letters follows both topics", "[dlq]") {
  DlqBench bench;
  bench.produce({{"a", event_json("e1")}, {"b", event_json("e2")}});
  static_cast<void>(bench.consume(refuse));
  const DlqSource source = bench.source();
  LetterCounter counter(source, k_dlq);
  CHECK(counter.update({}) == 2);
  CHECK(counter.open() == 2);
  CHECK(counter.update({}) == 0);
  static_cast<void>(bench.close_all(LetterState::discarded));
  bench.produce({{"c", event_json("e3")}});
  static_cast<void>(bench.consume(refuse));
  CHECK(counter.update({}) == 1);
  CHECK(counter.open() == 1);
}

TEST_CASE("copies that a courier brings are closed, those that it could not bring stay",
          "[dlq][delivery-2]") {
  DlqBench bench;
  bench.produce({{"a", event_json("e1")}, {"b", event_json("e2")}, {"c", event_json("e3")}});
  static_cast<void>(bench.consume(refuse));
  std::vector<Bytes> brought;
  DeskOptions desk;
  desk.courier = [&](const std::vector<const Record*>& copies) {
    std::vector<std::optional<std::string>> obstacles(copies.size());
    for (std::size_t i = 0; i < copies.size(); ++i) {
      if (copies[i]->key == "b") {
        obstacles[i] = "nobody is there";
      } else {
        brought.push_back(copies[i]->value.value_or(""));
      }
    }
    return obstacles;
  };
  const DeskReport report = bench.retry({}, desk);
  CHECK(retried(report) == 2);
  CHECK(report.left.at("nobody is there") == 1);
  CHECK(brought == std::vector<Bytes>{event_json("e1"), event_json("e3")});
  CHECK(bench.read("events").size() == 3);
  REQUIRE(bench.view().size() == 1);
  CHECK(bench.view().at(0).value == event_json("e2"));
}

TEST_CASE("a letter of a replay goes back to every group", "[dlq][delivery-17]") {
  DlqBench bench;
  bench.options.group = GroupId{"replay:monday"};
  bench.produce({{"a", event_json("e1")}});
  static_cast<void>(bench.consume(refuse));
  CHECK(retried(bench.retry()) == 1);
  bench.options.group = GroupId{"kbeat"};
  CHECK(bench.consume(append_event).counts.skipped == 0);
}
