// StatsD lines: counters as differences, gauges as they are.
#include "kbeat/metrics/statsd.hpp"

#include <array>
#include <catch2/catch.hpp>

using namespace kbeat;
using namespace kbeat::metrics;

TEST_CASE("a counter is told by what it rose since the last time, a gauge whole", "[metrics]") {
  MetricRegistry registry;
  Counter& counter = registry.counter("n_total", "N.");
  registry.gauge("g", "G.", {{"topic", "a.b"}}).set(2.5);
  counter.add(3);
  StatsdLines lines("kbeat");
  CHECK(lines.next(registry) == std::vector<std::string>{"kbeat.n_total:3|c", "kbeat.g.a_b:2.5|g"});
  counter.add(2);
  CHECK(lines.next(registry) == std::vector<std::string>{"kbeat.n_total:2|c", "kbeat.g.a_b:2.5|g"});
  CHECK(lines.next(registry) == std::vector<std::string>{"kbeat.g.a_b:2.5|g"});
}

TEST_CASE("a histogram is told as its count and its sum in milliseconds", "[metrics]") {
  MetricRegistry registry;
  registry.histogram("took_seconds", "T.", std::array{1.0}).observe(0.25);
  CHECK(StatsdLines("").next(registry) ==
        std::vector<std::string>{"took_seconds.count:1|c", "took_seconds.ms:250|c"});
}

TEST_CASE("a StatsD host without an address is a configuration error that names it", "[metrics]") {
  CHECK_THROWS_WITH(StatsdClient("no.such.host.invalid:1", "kbeat"),
                    Catch::Matchers::Contains("no.such.host.invalid"));
}

TEST_CASE("a StatsD server is named with or without a port, and never by one that is none", "[metrics]") {
  for (const char* address : {"127.0.0.1", "127.0.0.1:65535", "[127.0.0.1]", "[127.0.0.1]:8125"})
    CHECK_NOTHROW(StatsdClient(address, "kbeat"));
  for (const char* address :
       {"127.0.0.1:99999", "127.0.0.1:0", "127.0.0.1:", "127.0.0.1: 80", ":8125", "[::1]:x"}) {
    CAPTURE(address);
    CHECK_THROWS_WITH(StatsdClient(address, "kbeat"), Catch::Matchers::Contains("from 1 to 65535"));
  }
}
