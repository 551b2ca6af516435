// Gathers fetched messages into a batch of views, without copying their bytes.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "kbeat/model/record_batch.hpp"
#include "kbeat/transport/kafka/kafka_client.hpp"
#include "kbeat/transport/kafka/owned_partitions.hpp"

namespace kbeat::transport {

/// The batch it makes owns the events in which the messages lie, and keeps the client alive: librdkafka
/// cannot end a client of which a message is left.
class KafkaBatchBuilder {
 public:
  KafkaBatchBuilder(std::shared_ptr<KafkaClient> client, std::size_t expected);

  /// Takes the message of a fetch event, unless `owned` says that it was delivered before.
  void add(EventHandle event, OwnedPartitions& owned);
  [[nodiscard]] std::size_t size() const { return m_records.size(); }
  [[nodiscard]] RecordBatch finish();

 private:
  struct Memory {
    std::shared_ptr<KafkaClient> client;
    std::vector<EventHandle> events;
    std::vector<HeaderView> headers;
  };
  [[nodiscard]] std::size_t read_headers(const rd_kafka_message_t& message);

  std::shared_ptr<Memory> m_memory;
  std::vector<RecordView> m_records;
  /// Of the records that have headers: which record, and how many.
  std::vector<std::pair<std::size_t, std::size_t>> m_header_counts;
};

}  // namespace kbeat::transport
