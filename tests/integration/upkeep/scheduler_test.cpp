// Turns of a scheduler over a real store, at a time that stands still unless a test moves it.
#include "kbeat/upkeep/scheduler.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <future>
#include <optional>

#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/store_schema.hpp"
#include "support/temp_dir.hpp"

using namespace kbeat;
using namespace kbeat::upkeep;
using namespace std::chrono_literals;

namespace {

/// Waiting gives way to the tasks' threads and takes no time.
class StandingClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override { return m_now; }
  [[nodiscard]] SteadyTime steady() const override { return m_steady; }
  Waited wait(Milliseconds, std::stop_token stop) override {
    std::this_thread::yield();
    return stop.stop_requested() ? Waited::stopped : Waited::elapsed;
  }
  void advance(Milliseconds span) {
    m_now += span;
    m_steady += span;
  }

 private:
  WallTime m_now{Milliseconds{1'700'000'000'000}};  // on the grid of eight seconds
  SteadyTime m_steady{1h};
};

/// One schedule, every eight seconds from `start` on, and what it told.
struct Turns {
  test::TempDir dir;
  StandingClock clock;
  const WallTime start = clock.now();
  std::vector<std::string> told;  ///< "outcome moment", moments counted from the first
  std::stop_source stop;
  RunTask task = [](const config::ScheduleSettings&, WallTime, std::stop_token) {};
  std::function<void(const ScheduleEvent&)> on_told = [](const ScheduleEvent&) {};
  std::function<void()> turned = [] {};

  void run(config::Missed missed) {
    config::ScheduleSettings schedule;
    schedule.name = "s";
    schedule.every = 8s;
    schedule.missed = missed;
    store::ScheduleRows(dir.path()).set_start("s", start);
    Scheduler scheduler({.data_dir = dir.path(),
                         .run_task = task,
                         .clock = clock,
                         .told =
                             [this](const ScheduleEvent& event) {
                               told.push_back(event.outcome + " " + std::to_string((event.due - start) / 8s));
                               on_told(event);
                             },
                         .turned = [this] { turned(); }},
                        {schedule});
    scheduler.run(stop.get_token());
  }
  [[nodiscard]] auto count(const std::string& outcome) const {
    return std::count_if(told.begin(), told.end(),
                         [&](const std::string& line) { return line.starts_with(outcome); });
  }
  store::ScheduleState state() { return store::ScheduleRows(dir.path()).read("s"); }
};

/// Another program that writes to the store.
class OtherWriter {
 public:
  explicit OtherWriter(const std::filesystem::path& data_dir)
      : m_database(store::open_store_file(data_dir, store::OpenMode::read_write)),
        m_transaction(*m_database) {}

 private:
  std::unique_ptr<sqlite::Database> m_database;
  sqlite::Transaction m_transaction;
};

}  // namespace

TEST_CASE_METHOD(Turns, "each missed moment is run, one after the other, when all are wanted", "[schedule]") {
  clock.advance(28s);
  on_told = [this](const ScheduleEvent&) {
    if (count("done") == 3) stop.request_stop();
  };
  run(config::Missed::all);
  CHECK(told == std::vector<std::string>{"begun 1", "done 1", "begun 2", "done 2", "begun 3", "done 3"});
  CHECK((state().runs == 3 && state().skipped == 0));
}

TEST_CASE_METHOD(Turns, "a moment that falls due while missed ones are made up for is skipped",
                 "[schedule]") {
  clock.advance(28s);
  std::promise<void> seen;
  const auto first_may_end = seen.get_future().share();
  task = [this, first_may_end](const config::ScheduleSettings&, WallTime due, std::stop_token) {
    if (due == start + 8s) first_may_end.wait();
  };
  int turns = 0;
  turned = [&] {
    if (++turns == 1) clock.advance(5s);
    if (turns == 3) seen.set_value();
  };
  on_told = [this](const ScheduleEvent& event) {
    if (event.outcome == "skipped") stop.request_stop();
  };
  run(config::Missed::all);
  told.erase(std::remove(told.begin(), told.end(), "done 3"), told.end());
  CHECK(told == std::vector<std::string>{"begun 1", "done 1", "begun 2", "done 2", "begun 3", "skipped 4"});
  CHECK((state().runs == 3 && state().skipped == 1));
}

TEST_CASE_METHOD(Turns, "a moment that comes while a run goes on is skipped, whatever was missed",
                 "[schedule]") {
  clock.advance(9s);
  std::promise<void> seen;
  const auto may_end = seen.get_future().share();
  task = [may_end](const config::ScheduleSettings&, WallTime, std::stop_token) { may_end.wait(); };
  int turns = 0;
  turned = [&] {
    if (++turns == 1) clock.advance(8s);
    if (turns == 3) seen.set_value();
  };
  on_told = [this](const ScheduleEvent& event) {
    if (event.outcome == "done") stop.request_stop();
  };
  run(config::Missed::all);
  CHECK(told == std::vector<std::string>{"begun 1", "skipped 2", "done 1"});
}

TEST_CASE_METHOD(Turns, "the end of a run is noted once the store can be written again", "[schedule]") {
  clock.advance(9s);
  std::optional<OtherWriter> writer;
  SteadyTime former = steady_now();
  turned = [&] {
    // Only a turn that waited for the writer, in vain, is that long.
    if (steady_now() - former > 4s) writer.reset();
    former = steady_now();
  };
  on_told = [&](const ScheduleEvent& event) {
    if (event.outcome == "begun") writer.emplace(dir.path());
    if (event.outcome == "done") stop.request_stop();
  };
  run(config::Missed::once);
  CHECK(told == std::vector<std::string>{"begun 1", "done 1"});
  CHECK(state().last_outcome == "done");
}

TEST_CASE_METHOD(Turns, "a scheduler stops without its last words when the store stays locked",
                 "[schedule]") {
  clock.advance(9s);
  std::optional<OtherWriter> writer;
  task = [](const config::ScheduleSettings&, WallTime, std::stop_token asked) {
    std::promise<void> stopped;
    const std::stop_callback tell(asked, [&] { stopped.set_value(); });
    stopped.get_future().wait();
  };
  on_told = [&](const ScheduleEvent&) {
    writer.emplace(dir.path());
    stop.request_stop();
  };
  run(config::Missed::once);
  writer.reset();
  CHECK(told == std::vector<std::string>{"begun 1"});
  CHECK((state().running_until && state().last_outcome.empty()));
}
