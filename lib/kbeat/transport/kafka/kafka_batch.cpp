// From librdkafka's messages to record views.
#include "kbeat/transport/kafka/kafka_batch.hpp"

#include <optional>
#include <string_view>

namespace kbeat::transport {
namespace {

std::optional<std::string_view> bytes(const void* data, std::size_t size) {
  if (data == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(data), size);
}

TimestampType timestamp_type(rd_kafka_timestamp_type_t type) {
  switch (type) {
    case RD_KAFKA_TIMESTAMP_CREATE_TIME: return TimestampType::create;
    case RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME: return TimestampType::log_append;
    case RD_KAFKA_TIMESTAMP_NOT_AVAILABLE: return TimestampType::none;
  }
  return TimestampType::none;
}

RecordView view_of(const rd_kafka_message_t& message, std::string_view topic) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t stamp = rd_kafka_message_timestamp(&message, &type);
  return {.topic = topic,
          .partition = Partition{message.partition},
          .offset = Offset{message.offset},
          .timestamp = WallTime{Milliseconds{stamp}},
          .timestamp_type = timestamp_type(type),
          .key = bytes(message.key, message.key_len),
          .value = bytes(message.payload, message.len),
          .headers = {}};
}

}  // namespace

KafkaBatchBuilder::KafkaBatchBuilder(std::shared_ptr<KafkaClient> client, std::size_t expected)
    : m_memory(std::make_shared<Memory>()) {
  m_memory->client = std::move(client);
  m_memory->events.reserve(expected);
  m_records.reserve(expected);
}

void KafkaBatchBuilder::add(EventHandle event, OwnedPartitions& owned) {
  const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get());
  if (message == nullptr || !owned.accept(*message)) return;
  m_records.push_back(view_of(*message, owned.topic_of_last()));
  if (const std::size_t count = read_headers(*message); count > 0) {
    m_header_counts.emplace_back(m_records.size() - 1, count);
  }
  m_memory->events.push_back(std::move(event));
}

std::size_t KafkaBatchBuilder::read_headers(const rd_kafka_message_t& message) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return 0;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  std::size_t count = 0;
  while (rd_kafka_header_get_all(headers, count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    m_memory->headers.push_back({name, bytes(value, size)});
    ++count;
  }
  return count;
}

RecordBatch KafkaBatchBuilder::finish() {
  // Only now: the headers' memory moves while it grows.
  std::span<const HeaderView> left(m_memory->headers);
  for (const auto& [record, count] : m_header_counts) {
    m_records[record].headers = left.first(count);
    left = left.subspan(count);
  }
  return {std::move(m_records), std::move(m_memory)};
}

}  // namespace kbeat::transport
