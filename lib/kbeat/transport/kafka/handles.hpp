// Owners for librdkafka's objects, and the one place that includes its header.
#pragma once

#include <librdkafka/rdkafka.h>

#include "kbeat/base/handle.hpp"

namespace kbeat::transport {

/// Consumers are closed by their owner beforehand, so that this never waits for a group.
inline void destroy_client(rd_kafka_t* client) {
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

/// Ended through KafkaClient, which bounds how long that takes.
using ClientHandle = Handle<rd_kafka_t, destroy_client>;
/// Ours until rd_kafka_new has succeeded, the client's from then on.
using ConfHandle = Handle<rd_kafka_conf_t, rd_kafka_conf_destroy>;
using QueueHandle = Handle<rd_kafka_queue_t, rd_kafka_queue_destroy>;
/// The messages of an event live as long as the event.
using EventHandle = Handle<rd_kafka_event_t, rd_kafka_event_destroy>;
using TopicHandle = Handle<rd_kafka_topic_t, rd_kafka_topic_destroy>;
using HeadersHandle = Handle<rd_kafka_headers_t, rd_kafka_headers_destroy>;
using ErrorHandle = Handle<rd_kafka_error_t, rd_kafka_error_destroy>;
using PartitionListHandle = Handle<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;
using PartitionHandle = Handle<rd_kafka_topic_partition_t, rd_kafka_topic_partition_destroy>;
using MetadataHandle = Handle<const struct rd_kafka_metadata, rd_kafka_metadata_destroy>;

}  // namespace kbeat::transport
