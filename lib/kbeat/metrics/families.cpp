// Names and help texts.
#include "kbeat/metrics/families.hpp"

namespace kbeat::metrics {
namespace {

constexpr const char* k_events = "kbeat_events_total";
constexpr const char* k_partition_lag = "kbeat_consumer_partition_lag";

}  // namespace

Families::Families(MetricRegistry& all)
    : registry(all),
      sent(all.counter("kafka_producer_messages_sent_total", "Records that the brokers acknowledged.")),
      failed(all.counter("kafka_producer_messages_failed_total", "Records that could not be delivered.")),
      send_duration(all.histogram("kafka_producer_send_duration_seconds",
                                  "Time from handing a record over to its acknowledgement.",
                                  duration_bounds())),
      send_batch(all.histogram("kafka_producer_batch_size", "Records acknowledged together.", size_bounds())),
      consumed(all.counter("kafka_consumer_messages_consumed_total", "Records read.")),
      processed(all.counter("kafka_consumer_messages_processed_total",
                            "Events whose outcome was committed to the store.")),
      processing_duration(all.histogram("kafka_consumer_processing_duration_seconds",
                                        "Time that one event took in its handler, all tries together.",
                                        duration_bounds())),
      lag(all.gauge("kafka_consumer_lag",
                    "Records between the store's positions and the ends of the topics.")),
      health_score(all.gauge("kafka_system_health_score", "100 in good health; less for each alert.")),
      active_alerts(all.untyped("kafka_active_alerts_count", "Alerts that are raised.")),
      partitions(all.untyped("kafka_topic_partition_count", "Partitions that this process reads.")),
      connected(all.gauge("kbeat_connected", "1 while the broker answers or none is needed.")),
      in_cooldown(
          all.gauge("kbeat_connection_in_cooldown", "1 while connecting waits after its last attempt.")),
      connect_retries(all.gauge("kbeat_connection_retries", "Attempts to connect since the last success.")),
      in_hand(all.gauge("kbeat_events_in_hand", "Events read and not yet committed.")),
      retries(all.counter("kbeat_event_retries_total", "Tries of events after their first.")),
      outbox_waiting(all.gauge("kbeat_outbox_waiting", "Records in the store that wait to be sent.")),
      outbox_parked(all.gauge("kbeat_outbox_parked", "Records in the store that can never be sent.")),
      dead_letters(all.gauge("kbeat_dead_letters", "Dead letters that the store holds.")),
      disk_free(all.gauge("kbeat_disk_free_bytes", "Room left where the data directory lies.")),
      disk_size(all.gauge("kbeat_disk_size_bytes", "Size of the disk where the data directory lies.")),
      stream_clients(all.gauge("kbeat_stream_clients", "Clients that a stream is sent to.")) {
  all.gauge("kbeat_build_info", "1, with the version as its label.", {{"version", KBEAT_VERSION}}).set(1);
  health_score.set(100);
  for (const char* outcome :
       {"done", "duplicate", "superseded", "unhandled", "skipped", "dead_letter", "fenced"}) {
    static_cast<void>(events(outcome));
  }
}

Counter& Families::events(const std::string& outcome) {
  return registry.counter(k_events, "Events by what became of them.", {{"outcome", outcome}});
}

Gauge& Families::partition_lag(const std::string& topic, int partition) {
  return registry.gauge(k_partition_lag, "Records between the store's position and the end of a partition.",
                        {{"topic", topic}, {"partition", std::to_string(partition)}});
}

void Families::forget_partitions() {
  registry.forget_series(k_partition_lag);
}

}  // namespace kbeat::metrics
