// A host's own letters in a topic with a retention, and letters that other hosts decided.
#include "kbeat/pipeline/letter_keeper.hpp"

#include <catch2/catch.hpp>

#include "integration/pipeline/loop_bench.hpp"
#include "kbeat/dlq/letter_desk.hpp"
#include "support/fake_clock.hpp"

using namespace kbeat;
using namespace kbeat::test;

namespace {

constexpr Milliseconds k_retention{60'000};
const TopicName k_dlq{"dead.letter.queue"};

/// One letter in a topic that keeps letters for a minute.
struct KeeperBench : LoopBench {
  explicit KeeperBench(const std::string& retention) : store(open()) {
    transport->make_topic_admin(Milliseconds{5000})
        ->create({.topic = k_dlq, .partitions = 1, .config = {{"retention.ms", retention}}});
    produce({{"a", event_json("e1")}});
    static_cast<void>(consume([](const RecordView&, const Event&, const auto&) -> Outcome {
      return Reject{FailureCategory::processing, "not today"};
    }));
    later.advance(std::chrono::ceil<Milliseconds>(clock.now() - later.now()));
  }

  /// A look so long after the failure; then what is owed is relayed.
  Milliseconds look_after(Milliseconds span) {
    later.advance(span);
    const Milliseconds next = pipeline::LetterKeeper(*transport, {}, later).look(*store, {});
    static_cast<void>(consume(append_event));
    return next;
  }
  [[nodiscard]] std::size_t seen_letters() {
    std::size_t count = 0;
    dlq::view_letters({.transport = *transport}, k_dlq, {}, {}, [&](const dlq::SeenLetter&) { ++count; });
    return count;
  }

  std::unique_ptr<store::Store> store;
  FakeClock later;
};

}  // namespace

TEST_CASE("an open letter is sent again before its topic drops it, and stays one letter",
          "[dlq][delivery-11]") {
  KeeperBench bench(std::to_string(k_retention.count()));
  CHECK(bench.look_after(k_retention / 4) == k_retention / 8);
  CHECK(bench.read(k_dlq.get()).size() == 1);
  bench.look_after(k_retention / 2);
  const std::vector<Record> records = bench.read(k_dlq.get());
  REQUIRE(records.size() == 2);
  CHECK(records[0].value == records[1].value);
  CHECK(records[1].timestamp > records[0].timestamp + k_retention / 2);
  CHECK(bench.seen_letters() == 1);
  bench.look_after(k_retention / 4);
  CHECK(bench.read(k_dlq.get()).size() == 2);
}

TEST_CASE("a topic without a limit of time keeps letters by itself", "[dlq][delivery-11]") {
  KeeperBench bench("-1");
  bench.look_after(std::chrono::hours{24 * 365});
  CHECK(bench.read(k_dlq.get()).size() == 1);
}

TEST_CASE("a letter that another host decided is closed in the store and not sent again",
          "[dlq][delivery-11]") {
  KeeperBench bench(std::to_string(k_retention.count()));
  const dlq::DlqSource elsewhere{.transport = *bench.transport};
  static_cast<void>(dlq::decide_letters(elsewhere, k_dlq, {},
                                        [](const dlq::SeenLetter&) {
                                          return dlq::Decision{dlq::LetterState::discarded, "by another"};
                                        },
                                        bench.clock, {}));
  REQUIRE(bench.store->letters().published(0, 10).size() == 1);
  bench.look_after(k_retention);
  CHECK(bench.store->letters().published(0, 10).empty());
  CHECK(bench.read(k_dlq.get()).size() == 1);
}
