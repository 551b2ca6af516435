// A task survives the way over a command line.
#include "kbeat/confine/worker_task.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"

using namespace kbeat;
using confine::read_task;
using confine::WorkerTask;
using Words = std::vector<std::string>;

TEST_CASE("a worker's task is read back from its words", "[confine]") {
  WorkerTask task{{.memory_bytes = 1u << 20, .cpu_seconds = 7}, {}};
  task.request.options = {.tempo = {.slowest = 70, .fastest = 140.5, .style = audio::Style::hiphop},
                          .metrics = audio::MetricSet::core,
                          .start = 1.25,
                          .length = 30};
  task.request.beats = audio::BeatTimes::left_out;
  task.request.limits.max_seconds = 90;
  const WorkerTask read = read_task(to_words(task));
  CHECK(read.confinement.memory_bytes == 1u << 20);
  CHECK(read.confinement.cpu_seconds == 7);
  CHECK(read.request.options.tempo.fastest == 140.5);
  CHECK(read.request.options.tempo.style == audio::Style::hiphop);
  CHECK(read.request.options.length == 30.0);
  CHECK(to_words(read) == to_words(task));
}

TEST_CASE("a request without a length keeps none", "[confine]") {
  const WorkerTask task{{.memory_bytes = 1, .cpu_seconds = 1}, {}};
  CHECK_FALSE(read_task(to_words(task)).request.options.length.has_value());
}

TEST_CASE("words that are no task are refused by name", "[confine]") {
  const Words words =
      GENERATE(as<Words>(), Words{}, Words{"1"}, Words{"0", "1"}, Words{"x", "1"}, Words{"1", "-1"},
               Words{"1", "1", "start"}, Words{"1", "1", "start=x"}, Words{"1", "1", "color=red"},
               Words{"1", "1", "metrics=some"}, Words{"1", "1", "style=polka"});
  CHECK_THROWS_AS(read_task(words), Error);
}
