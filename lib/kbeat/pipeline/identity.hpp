// Who an event is, whom it concerns and where it came from: the keys of dedupe, order and supersession.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kbeat/model/event.hpp"
#include "kbeat/model/record.hpp"
#include "kbeat/store/outcomes.hpp"

namespace kbeat::pipeline {

/// The log that a record was read from.
struct LogIdentity {
  std::string cluster;
  std::int64_t incarnation = 0;
};

/// Stable over redeliveries: the header kbeat.event-id, else CloudEvents source and id, else topic, type
/// and id, else the record's place. `event` is null for values that were not looked into.
[[nodiscard]] std::string event_identity(const RecordView& record, const Event* event,
                                         const LogIdentity& log);

/// The entity that an event without a record key is about (beatId, session_id …), or nothing.
[[nodiscard]] std::optional<std::string> event_subject(const Event& event);

/// Events of one lane are handled in their order: same topic and partition, same key or else same subject.
/// A record with neither has a lane of its own.
[[nodiscard]] std::uint64_t order_lane(const RecordView& record);

/// True for a dead letter sent back for another group's sake: this one had its turn with the original.
[[nodiscard]] bool is_retry_of_another_group(const RecordView& record, const GroupId& group);

/// Where the event first came from: kbeat.origin-* headers of a retry or a result, else the record itself.
[[nodiscard]] store::Origin event_origin(const RecordView& record);

/// The headers that carry `origin` on.
[[nodiscard]] std::vector<Header> origin_headers(const store::Origin& origin);

}  // namespace kbeat::pipeline
