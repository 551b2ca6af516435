// Which trace a record belongs to, by the W3C's trace context, and which conversation, by its correlation id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/model/event.hpp"
#include "kbeat/model/record.hpp"

namespace kbeat {

/// What a `traceparent` says; the ids are lower-case hexadecimal, of 32 and 16 digits.
struct TraceContext {
  std::string trace_id;
  std::string span_id;  ///< of the step that caused what carries it
  std::uint8_t flags = 1;
  bool operator==(const TraceContext&) const = default;
};

/// Nothing for a text that the recommendation has readers ignore: a wrong form, version ff, ids of zeros.
[[nodiscard]] std::optional<TraceContext> parse_traceparent(std::string_view text);
/// In version 00.
[[nodiscard]] std::string to_traceparent(const TraceContext& context);
/// A trace that begins here, sampled.
[[nodiscard]] TraceContext start_trace();
/// The same trace, one step on.
[[nodiscard]] TraceContext next_step(const TraceContext& context);

/// What travels with an event through handlers, topics and dead letters.
struct Trail {
  std::optional<TraceContext> context;
  std::string state;  ///< `tracestate`, handed on as it is
  std::string correlation_id;
  [[nodiscard]] bool empty() const { return !context && correlation_id.empty(); }
};

/// From the headers `traceparent`, `tracestate` and `correlation_id` (of a CloudEvent: those that begin with
/// `ce_`), and from the event's own correlation id where no header has one.
[[nodiscard]] Trail trail_of(const RecordView& record, const Event* event);

/// Replaces what these headers say of a trail by `trail`.
void set_trail(std::vector<Header>& headers, const Trail& trail);

/// `"trace_id":"…","span_id":"…","correlation_id":"…"`, without what the trail has not; for log and result
/// lines.
[[nodiscard]] std::string trail_fields(const Trail& trail);

}  // namespace kbeat
