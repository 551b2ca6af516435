// The paths that events come in by.
#pragma once

#include "kbeat/server/event_forms.hpp"
#include "kbeat/server/ingest.hpp"
#include "kbeat/server/router.hpp"

namespace kbeat::server {

inline constexpr std::size_t k_most_events_a_request = 1000;

/// `POST /api/events` and `POST /api/v1/kafka/events/*`. What they name outlives the router's use.
void add_ingest_routes(Router& router, Ingest& ingest, const EventForms& forms);

}  // namespace kbeat::server
