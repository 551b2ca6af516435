// The paths that events come in by.
#pragma once

#include <functional>
#include <optional>

#include "kbeat/server/event_forms.hpp"
#include "kbeat/server/ingest.hpp"
#include "kbeat/server/router.hpp"

namespace kbeat::server {

inline constexpr std::size_t k_most_events_a_request = 1000;

/// Says whether an event of the sender's choice may go to the topic: at once, or from another thread when
/// that takes a question to the broker. Nothing: it may.
using TopicVerdict = std::function<void(const std::optional<Error>&)>;
using TopicCheck = std::function<void(const TopicName&, TopicVerdict)>;

/// `POST /api/events` and `POST /api/v1/kafka/events/*`. What they name outlives the router's use.
void add_ingest_routes(Router& router, Ingest& ingest, const EventForms& forms,
                       const TopicCheck& check_topic);

}  // namespace kbeat::server
