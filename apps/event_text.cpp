// The three shapes that kbeat writes, with their keys.
#include "event_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/model/event.hpp"
#include "kbeat/pipeline/identity.hpp"

namespace kbeat::app {
namespace {

constexpr std::string_view k_quiz_topic = "quiz-events";

[[noreturn]] void bad_field(const std::string& field, std::string_view why) {
  throw Error(ErrorCode::usage, fmt::format("--field \"{}\": {}", escape_for_terminal(field, 80), why));
}

std::string json_string_of(std::string_view text, const std::string& field) {
  if (!is_utf8(text)) bad_field(field, "it is not UTF-8");
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string json_object(const std::vector<std::string>& fields) {
  std::set<std::string_view> names;
  std::string object = "{";
  for (const std::string& field : fields) {
    const std::size_t equals = field.find('=');
    if (equals == std::string::npos || equals == 0) bad_field(field, "give NAME=TEXT or NAME:=JSON");
    const bool raw = field[equals - 1] == ':';
    const std::string_view name = std::string_view(field).substr(0, equals - (raw ? 1 : 0));
    const std::string_view value = std::string_view(field).substr(equals + 1);
    if (name.empty() || !names.insert(name).second) bad_field(field, "this name is empty or given twice");
    if (raw && !is_json(value)) bad_field(field, "the value is not JSON");
    if (object.size() > 1) object += ',';
    object += json_string_of(name, field);
    object += ':';
    object += raw ? std::string(value) : json_string_of(value, field);
  }
  return object + '}';
}

std::string random_id() {
  std::ifstream file("/proc/sys/kernel/random/uuid");
  std::string id;
  if (!std::getline(file, id)) throw Error(ErrorCode::io, "cannot read /proc/sys/kernel/random/uuid");
  return id;
}

/// The body's beatId, session_id, conversation_id and the like, when it is a string.
std::string subject_of(const std::string& text) {
  const RecordView record{.partition = Partition{-1}, .offset = Offset{-1}, .value = text};
  const std::string named = pipeline::event_subject(parse_event(record)).value_or("=");
  return named.substr(named.find('=') + 1);
}

bool has_field(const std::vector<std::string>& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(), [name](const std::string& field) {
    return field.starts_with(name) &&
           (field.substr(name.size()).starts_with('=') || field.substr(name.size()).starts_with(":="));
  });
}

/// What was not given is made up: a new id, the time now.
std::string quiz_text(const EventParts& parts, WallTime now) {
  std::vector<std::string> fields = parts.fields;
  if (!has_field(fields, "timestamp")) fields.insert(fields.begin(), "timestamp=" + to_rfc3339(now));
  if (!has_field(fields, "event_type")) fields.insert(fields.begin(), "event_type=" + parts.type);
  if (!has_field(fields, "event_id")) fields.insert(fields.begin(), "event_id=" + random_id());
  return json_object(fields);
}

}  // namespace

MadeEvent make_event(const EventParts& parts, WallTime now) {
  if (parts.type.empty()) throw Error(ErrorCode::usage, "--event: give the event's type");
  const std::string name = json_string_of(parts.type, parts.type);
  MadeEvent made;
  if (parts.topic == k_quiz_topic) {
    made.text = quiz_text(parts, now);
  } else if (parts.type.find('.') == std::string::npos) {
    made.text = fmt::format("{{\"type\":{},\"payload\":{}}}", name, json_object(parts.fields));
  } else {
    const std::string& correlation = parts.correlation_id;
    made.key = random_id();
    made.text = fmt::format(
        "{{\"id\":\"{}\",\"type\":{},\"version\":\"1.0\",\"source\":\"kbeat\",\"timestamp\":\"{}\","
        "\"correlation_id\":{},\"data\":{},\"metadata\":{{}}}}",
        *made.key, name, to_rfc3339(now),
        correlation.empty() ? "null" : json_string_of(correlation, correlation), json_object(parts.fields));
  }
  const std::string subject = subject_of(made.text);
  if (made.key) {
    made.subject = subject;
  } else if (!subject.empty()) {
    made.key = subject;
  }
  return made;
}

}  // namespace kbeat::app
