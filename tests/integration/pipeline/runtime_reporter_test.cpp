// The row of a running process: there while it lives, telling of its connection, and replaced when it died.
#include "kbeat/pipeline/runtime_reporter.hpp"

#include <catch2/catch.hpp>

#include "integration/pipeline/loop_bench.hpp"
#include "kbeat/metrics/prometheus_text.hpp"
#include "kbeat/pipeline/consume_metrics.hpp"
#include "kbeat/transport/metered_transport.hpp"
#include "support/temp_dir.hpp"

using namespace kbeat;
using namespace kbeat::pipeline;
using namespace std::chrono_literals;

namespace {

struct Desk {
  test::TempDir dir;
  SystemClock clock;
  std::unique_ptr<store::Store> store = open();

  [[nodiscard]] std::unique_ptr<store::Store> open() const {
    return store::open_store(dir.path(), store::OpenMode::read_write);
  }
  [[nodiscard]] std::unique_ptr<RuntimeReporter> report(const std::string& process) {
    return std::make_unique<RuntimeReporter>(
        [this] { return open(); },
        ReporterOptions{.process = process, .command = "consume", .group = "g", .period = 20ms}, clock);
  }
  /// Waits for rows that satisfy `wanted`.
  template <typename Wanted>
  std::vector<store::RuntimeState> await(Wanted wanted) {
    for (const SteadyTime deadline = clock.steady() + 5s; clock.steady() < deadline; clock.wait(5ms, {})) {
      auto rows = store->runtime().read();
      if (wanted(rows)) return rows;
    }
    FAIL("the rows never came to be what they should");
    return {};
  }
};

}  // namespace

TEST_CASE("a process shows its connection at once and leaves no row behind", "[pipeline][health]") {
  Desk desk;
  auto reporter = desk.report("p1");
  ConsumeView view;
  view.needs_broker = true;
  view.connection = {.connected = false, .in_cooldown = true, .retry_count = 4};
  reporter->shown(view);
  const auto rows = desk.await([](const auto& all) { return all.size() == 1 && all[0].in_cooldown; });
  CHECK(rows[0].connection == "disconnected");
  CHECK(rows[0].retry_count == 4);
  CHECK_FALSE(is_gone(rows[0], desk.clock.now()));
  CHECK(is_gone(rows[0], desk.clock.now() + 9s));
  reporter.reset();
  CHECK(desk.store->runtime().read().empty());
}

TEST_CASE("a process takes the place of a dead one of its group and leaves others alone",
          "[pipeline][health]") {
  Desk desk;
  const WallTime long_ago = desk.clock.now() - 1min;
  desk.store->runtime().write({.process = "dead",
                               .command = "consume",
                               .group = "g",
                               .connection = "connected",
                               .updated = long_ago});
  desk.store->runtime().write({.process = "other",
                               .command = "consume",
                               .group = "h",
                               .connection = "connected",
                               .updated = long_ago});
  desk.store->runtime().write({.process = "alive",
                               .command = "consume",
                               .group = "g",
                               .connection = "connected",
                               .updated = desk.clock.now()});
  const auto reporter = desk.report("new");
  const auto rows = desk.await([](const auto& all) {
    return std::any_of(all.begin(), all.end(), [](const auto& row) { return row.process == "new"; });
  });
  std::vector<std::string> names;
  for (const auto& row : rows) names.push_back(row.process);
  CHECK(names == std::vector<std::string>{"alive", "new", "other"});
}

TEST_CASE("a process that began right after a crash takes the dead one's place once that is certain",
          "[pipeline][health]") {
  Desk desk;
  const auto row = [&](const char* process, WallTime last_sign) {
    desk.store->runtime().write({.process = process,
                                 .command = "consume",
                                 .group = "g",
                                 .connection = "connected",
                                 .updated = last_sign});
  };
  row("dead", desk.clock.now() - k_gone_after + 500ms);
  const auto reporter = desk.report("new");
  row("beside", desk.clock.now() + 10ms);  // a member that was alive when the new one began, and dies later
  const auto names = [](const auto& rows) {
    std::vector<std::string> out;
    for (const auto& each : rows) out.push_back(each.process);
    return out;
  };
  CHECK(names(desk.await([](const auto& all) { return all.size() == 3; })) ==
        std::vector<std::string>{"beside", "dead", "new"});
  CHECK(names(desk.await([](const auto& all) { return all.size() == 2; })) ==
        std::vector<std::string>{"beside", "new"});
}

TEST_CASE("a loop's metrics agree with its result", "[pipeline][metrics]") {
  test::LoopBench bench;
  bench.produce({{"a", test::event_json("1")}, {"b", "no json"}, {"c", test::event_json("3")}});
  metrics::MetricRegistry registry;
  metrics::Families families(registry);
  const auto metered = transport::make_metered_transport(*bench.transport, families);
  ConsumeMetrics watch(families);
  const test::ScriptedRegistry handlers(test::append_event);
  const ConsumeParts parts{*metered, [&] { return bench.open(); }, handlers, bench.results, bench.clock,
                           &watch};
  const ConsumeResult result = ConsumeLoop(parts, bench.options).run({});
  CHECK(families.consumed.value() == result.counts.read);
  CHECK(families.events("done").value() == 2);
  CHECK(families.events("dead_letter").value() == 1);
  CHECK(families.processed.value() == 3);
  CHECK(families.sent.value() == 1);  // the dead letter's way to its topic
  std::uint64_t timed = 0;
  for (std::size_t i = 0; i <= families.processing_duration.bounds().size(); ++i)
    timed += families.processing_duration.bucket(i);
  CHECK(timed == 3);
}
