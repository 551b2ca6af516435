// Builds the JSON of an event from a type and fields given on the command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kbeat/base/clock.hpp"

namespace kbeat::app {

/// What an event is made of.
struct EventParts {
  std::string type;
  std::vector<std::string> fields;  ///< NAME=TEXT is a string, NAME:=JSON a value taken as it is
  std::string topic;                ///< it is for
  std::string correlation_id;       ///< empty: null
};

/// An event and where its topic wants it.
struct MadeEvent {
  std::string text;
  std::optional<std::string> key;  ///< the event's id, or its subject
  std::string subject;             ///< chooses the partition of an event whose key is its id; may be empty
};

/// Types of words and dots (conversation.started) get the versioned shape with an id, events for quiz-events
/// {"event_id","event_type",…}, all others {"type","payload"}. Throws Error{usage} naming the field.
[[nodiscard]] MadeEvent make_event(const EventParts& parts, WallTime now);

}  // namespace kbeat::app
