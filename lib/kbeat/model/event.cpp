// Finds out an event's shape by one validating pass and one pass over its top-level fields.
#include "kbeat/model/event.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <cstring>
#include <optional>
#include <tuple>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat {
namespace {

namespace json = simdjson;

constexpr std::size_t k_usual_bytes = 4096;

/// A thread's parsers and its padded copy of the document, used again for each record.
struct Workspace {
  json::dom::parser validator;
  json::ondemand::parser reader;
  std::string padded;

  /// Memory that is not there for it yet is asked for again by the first document.
  Workspace() { std::ignore = validator.allocate(k_usual_bytes, k_max_json_depth); }

  json::padded_string_view copy(std::string_view text) {
    padded.assign(text);
    padded.append(json::SIMDJSON_PADDING, '\0');
    return json::padded_string_view(padded.data(), text.size(), padded.size());
  }
};

Workspace& workspace() {
  thread_local Workspace of_thread;
  return of_thread;
}

/// Deepest nesting, by counting brackets outside strings: safe whatever the text holds.
bool is_too_deep(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > k_max_json_depth) return true;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

/// The text with two digits of each number's runs of them: as JSON it is as right or as wrong as before, and
/// none of its numbers is too large for the parser.
std::string with_short_numbers(std::string_view text) {
  std::string cut;
  cut.reserve(text.size());
  std::size_t digits = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') in_string = !in_string;
    digits = !in_string && c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits <= 2) cut += c;
    if (in_string && c == '\\' && i + 1 < text.size()) cut += text[++i];
  }
  return cut;
}

/// Why `text` is not JSON that we accept, or nothing when it is; then `space` holds its copy.
std::optional<std::string> fault_of(Workspace& space, std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.starts_with("\xEF\xBB\xBF")) return "it begins with a byte order mark";
  const json::padded_string_view copy = space.copy(text);
  if (space.validator.parse(copy.data(), copy.size(), false).error() == json::SUCCESS) return std::nullopt;
  if (is_too_deep(text)) return fmt::format("it is nested deeper than {} levels", k_max_json_depth);
  // What that parser refuses may be JSON all the same: brackets at its limit that are not empty, and numbers
  // that no double or integer holds.
  json::dom::parser lenient;
  const json::error_code error = lenient.parse(with_short_numbers(text)).error();
  return error == json::SUCCESS ? std::nullopt : std::optional<std::string>(json::error_message(error));
}

/// The top-level fields that tell shapes apart; a field that is there twice counts with its first value.
enum EventField : std::size_t {
  specversion,
  type,
  id,
  source,
  payload,
  data,
  event_id,
  event_type,
  correlation_id,
  correlationid,
  timestamp,
  version,
  field_count
};
constexpr std::array<std::string_view, field_count> k_field_names{
    "specversion",    "type",          "id",        "source", "payload", "data", "event_id", "event_type",
    "correlation_id", "correlationid", "timestamp", "version"};

/// Views live until the workspace reads another document.
struct Fields {
  std::array<std::optional<std::string_view>, field_count> raw;   ///< JSON text, in the document
  std::array<std::optional<std::string_view>, field_count> text;  ///< of those that are strings

  [[nodiscard]] bool has(EventField field) const { return raw[field].has_value(); }
  [[nodiscard]] bool has_text(EventField field) const { return text[field] && !text[field]->empty(); }
  [[nodiscard]] std::string_view text_or_empty(EventField field) const { return text[field].value_or(""); }
};

std::optional<EventField> field_named(std::string_view name) {
  for (std::size_t i = 0; i < field_count; ++i) {
    if (k_field_names[i] == name) return static_cast<EventField>(i);
  }
  return std::nullopt;
}

/// Whole numbers are taken for ids too, as their digits.
std::optional<std::string_view> text_of(json::ondemand::value value, EventField field) {
  if (std::string_view text; value.get_string().get(text) == json::SUCCESS) return text;
  if (std::int64_t number = 0;
      (field == id || field == event_id) && value.get_int64().get(number) == json::SUCCESS) {
    if (number == 0) return "0";  // which may be written as -0
    const std::string_view token = value.raw_json_token();
    return token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
  }
  return std::nullopt;
}

/// Reads the top-level object of the document whose copy was just validated; nothing when it is no object.
std::optional<Fields> read_fields(Workspace& space, std::string_view document) {
  const json::padded_string_view copy(space.padded.data(), document.size(), space.padded.size());
  json::ondemand::document parsed;
  json::ondemand::object object;
  if (space.reader.iterate(copy).get(parsed) != json::SUCCESS ||
      parsed.get_object().get(object) != json::SUCCESS) {
    return std::nullopt;
  }
  Fields fields;
  for (auto each : object) {
    json::ondemand::field entry;
    std::string_view name;
    if (std::move(each).get(entry) != json::SUCCESS || entry.unescaped_key().get(name) != json::SUCCESS)
      continue;
    const std::optional<EventField> field = field_named(name);
    if (!field || fields.has(*field)) continue;
    fields.text[*field] = text_of(entry.value(), *field);
    std::string_view raw;
    if (fields.text[*field]) {
      fields.raw[*field] = document.substr(0, 0);  // present; its text is enough
    } else if (json::to_json_string(entry.value()).get(raw) == json::SUCCESS) {
      const auto at = static_cast<std::size_t>(raw.data() - space.padded.data());
      fields.raw[*field] = document.substr(at, raw.size());
    }
  }
  return fields;
}

std::optional<std::string_view> header_text(const RecordView& record, std::string_view name) {
  const HeaderView* header = find_header(record.headers, name);
  return header != nullptr ? header->value : std::nullopt;
}

std::optional<Event> binary_cloudevent(const RecordView& record) {
  const auto spec = header_text(record, "ce_specversion");
  const auto id_text = header_text(record, "ce_id");
  const auto source_text = header_text(record, "ce_source");
  const auto type_text = header_text(record, "ce_type");
  if (!spec || !id_text || !source_text || !type_text) return std::nullopt;
  Event event;
  event.shape = EventShape::cloudevents_binary;
  event.id = *id_text;
  event.source = *source_text;
  event.type = *type_text;
  event.correlation_id = header_text(record, "ce_correlationid").value_or("");
  return event;
}

bool is_structured_cloudevent(const Fields& fields) {
  return fields.text_or_empty(specversion).starts_with("1.") && fields.has_text(id) &&
         fields.has_text(source) && fields.has_text(type);
}

/// The payload or data as JSON text; the whole document when there is none that is an object or array.
std::string_view body_or(const std::optional<std::string_view>& raw, std::string_view document) {
  return raw && !raw->empty() ? *raw : document;
}

void fill(Event& event, const Fields& fields) {
  if (is_structured_cloudevent(fields)) {
    event.shape = EventShape::cloudevents_structured;
    event.body = body_or(fields.raw[data], event.document);
  } else if (fields.has_text(type) && fields.has(payload)) {
    event.shape = EventShape::type_payload;
    event.body = body_or(fields.raw[payload], event.document);
  } else if (fields.has_text(type) && fields.has_text(id) && fields.has(data)) {
    event.shape = EventShape::versioned;
    event.body = body_or(fields.raw[data], event.document);
  } else if (fields.has_text(event_id) && fields.has_text(event_type)) {
    event.shape = EventShape::event_id_type;
    event.id = fields.text_or_empty(event_id);
    event.type = fields.text_or_empty(event_type);
    return;
  } else {
    event.type = fields.text_or_empty(type);
    event.id = fields.has_text(event_id) ? fields.text_or_empty(event_id) : std::string_view();
    return;
  }
  event.type = fields.text_or_empty(type);
  event.source = fields.text_or_empty(source);
  event.correlation_id = fields.has_text(correlation_id) ? fields.text_or_empty(correlation_id)
                                                         : fields.text_or_empty(correlationid);
  event.id =
      event.shape == EventShape::type_payload ? fields.text_or_empty(event_id) : fields.text_or_empty(id);
}

}  // namespace

bool is_json(std::string_view text, std::string* reason) {
  const std::optional<std::string> fault = fault_of(workspace(), text);
  if (fault && reason != nullptr) *reason = *fault;
  return !fault;
}

Event parse_event(const RecordView& record) {
  if (!record.value) throw Error(ErrorCode::bad_input, "the value is null (a tombstone), not a JSON event");
  const std::string_view document = *record.value;
  Workspace& space = workspace();
  if (const auto fault = fault_of(space, document)) {
    throw Error(ErrorCode::bad_input, fmt::format("the value is not JSON: {}", *fault));
  }
  if (std::optional<Event> event = binary_cloudevent(record)) {
    event->document = event->body = document;
    return *event;
  }
  Event event;
  event.document = event.body = document;
  if (const std::optional<Fields> fields = read_fields(space, document)) fill(event, *fields);
  return event;
}

}  // namespace kbeat
