// Metrics: what is counted, and its text for Prometheus.
#include "kbeat/metrics/families.hpp"
#include "kbeat/metrics/prometheus_text.hpp"

#include <array>
#include <catch2/catch.hpp>

using namespace kbeat;
using namespace kbeat::metrics;
using Catch::Matchers::Contains;

TEST_CASE("a counter takes over a larger total and never falls", "[metrics]") {
  Counter counter;
  counter.add(3);
  counter.raise_to(10);
  counter.raise_to(4);
  CHECK(counter.value() == 10);
}

TEST_CASE("a histogram's bucket holds its upper bound and the last one everything beyond", "[metrics]") {
  Histogram histogram(std::array{1.0, 2.0});
  for (const double value : {0.5, 1.0, 1.5, 2.0, 9.0}) histogram.observe(value);
  histogram.observe(std::chrono::seconds(2));
  CHECK(histogram.bucket(0) == 2);
  CHECK(histogram.bucket(1) == 3);
  CHECK(histogram.bucket(2) == 1);
  CHECK(histogram.sum() == Approx(16.0));
}

TEST_CASE("the text has help, type, and cumulative buckets that end at the count", "[metrics]") {
  MetricRegistry registry;
  registry.counter("x_total", "Things.").add(2);
  registry.gauge("y", "A \\ and\na line.", {{"name", "a\"b\\c\nd"}}).set(1.5);
  Histogram& histogram = registry.histogram("z_seconds", "Spans.", std::array{0.1, 1.0});
  histogram.observe(0.05);
  histogram.observe(5.0);
  CHECK(prometheus_text(registry) ==
        "# HELP x_total Things.\n# TYPE x_total counter\nx_total 2\n"
        "# HELP y A \\\\ and\\na line.\n# TYPE y gauge\ny{name=\"a\\\"b\\\\c\\nd\"} 1.5\n"
        "# HELP z_seconds Spans.\n# TYPE z_seconds histogram\n"
        "z_seconds_bucket{le=\"0.1\"} 1\nz_seconds_bucket{le=\"1\"} 1\nz_seconds_bucket{le=\"+Inf\"} 2\n"
        "z_seconds_sum 5.05\nz_seconds_count 2\n");
}

TEST_CASE("the same name and labels are the same metric; forgotten series are gone", "[metrics]") {
  MetricRegistry registry;
  registry.gauge("lag", "Lag.", {{"topic", "a"}}).set(4);
  registry.gauge("lag", "Lag.", {{"topic", "a"}}).add(1);
  CHECK_THAT(prometheus_text(registry), Contains("lag{topic=\"a\"} 5\n"));
  registry.forget_series("lag");
  CHECK_THAT(prometheus_text(registry), !Contains("topic=\"a\""));
}

TEST_CASE("every promised family is there at 0 from the start", "[metrics]") {
  MetricRegistry registry;
  const Families families(registry);
  const std::string text = prometheus_text(registry);
  for (const char* name :
       {"kafka_producer_messages_sent_total 0", "kafka_producer_messages_failed_total 0",
        "kafka_producer_send_duration_seconds_count 0", "kafka_producer_batch_size_count 0",
        "kafka_consumer_messages_consumed_total 0", "kafka_consumer_messages_processed_total 0",
        "kafka_consumer_processing_duration_seconds_count 0", "kafka_consumer_lag 0",
        "kafka_system_health_score 100", "kafka_active_alerts_count 0", "kafka_topic_partition_count 0",
        "# TYPE kafka_active_alerts_count untyped", "# TYPE kafka_topic_partition_count untyped",
        "kbeat_events_total{outcome=\"dead_letter\"} 0"}) {
    CHECK_THAT(text, Contains(std::string(name) + "\n"));
  }
}
