// Names that stand on the wire: headers and commit marks. Changing one breaks what users have stored.
#pragma once

#include <string_view>

namespace kbeat::names {

inline constexpr std::string_view k_event_id = "kbeat.event-id";
inline constexpr std::string_view k_outbox = "kbeat.outbox";
inline constexpr std::string_view k_retry_of = "kbeat.retry-of";
inline constexpr std::string_view k_retry_group = "kbeat.retry-group";
inline constexpr std::string_view k_retry_root = "kbeat.retry-root";
inline constexpr std::string_view k_retry_count = "kbeat.retry-count";
inline constexpr std::string_view k_origin_topic = "kbeat.origin-topic";
inline constexpr std::string_view k_origin_partition = "kbeat.origin-partition";
inline constexpr std::string_view k_origin_offset = "kbeat.origin-offset";
inline constexpr std::string_view k_origin_timestamp = "kbeat.origin-timestamp";
inline constexpr std::string_view k_dlq_prefix = "kbeat.dlq.";
inline constexpr std::string_view k_traceparent = "traceparent";
inline constexpr std::string_view k_tracestate = "tracestate";
inline constexpr std::string_view k_correlation_id = "correlation_id";
inline constexpr std::string_view k_commit_mark = "kbeat/1";
inline constexpr std::string_view k_embedded_cluster = "embedded-";  ///< begins the id of an embedded log

}  // namespace kbeat::names
