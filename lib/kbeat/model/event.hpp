// The event in a record's value: which shape it has, what type it is, who it is, what it carries.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kbeat/model/record.hpp"

namespace kbeat {

enum class EventShape {
  cloudevents_structured,  ///< CloudEvents 1.0 as one JSON object
  cloudevents_binary,      ///< CloudEvents 1.0 in ce_* headers, the value is the data
  type_payload,            ///< {"type","payload"}
  versioned,      ///< {"id","type","version","source","timestamp","correlation_id","data","metadata"}
  event_id_type,  ///< {"event_id","event_type", ...}
  bare,           ///< any other JSON: the topic decides
  raw,            ///< not JSON, or not looked into
};

/// Views into the record's bytes: valid as long as they are.
struct Event {
  EventShape shape = EventShape::bare;
  std::string type;    ///< empty when the shape has none
  std::string id;      ///< the event's own id, empty when it has none
  std::string source;  ///< CloudEvents source, or the versioned shape's
  std::string correlation_id;
  std::string_view body;      ///< the payload, data, or the whole value: raw JSON text
  std::string_view document;  ///< the whole value
};

/// The deepest nesting that any JSON of ours may have.
inline constexpr std::size_t k_max_json_depth = 64;

/// True when `text` is one valid JSON document within the depth limit, in valid UTF-8, without BOM.
/// `reason`, when given, receives why not.
[[nodiscard]] bool is_json(std::string_view text, std::string* reason = nullptr);

/// Understands the value of a record. Throws Error{bad_input} when it is not JSON.
[[nodiscard]] Event parse_event(const RecordView& record);

}  // namespace kbeat
