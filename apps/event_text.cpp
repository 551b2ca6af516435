// The two shapes that kbeat writes.
#include "event_text.hpp"

#include <fmt/format.h>

#include <fstream>
#include <set>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/model/event.hpp"

namespace kbeat::app {
namespace {

[[noreturn]] void bad_field(const std::string& field, std::string_view why) {
  throw Error(ErrorCode::usage, fmt::format("--field \"{}\": {}", escape_for_terminal(field, 80), why));
}

std::string json_string(std::string_view text, const std::string& field) {
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
    object += json_string(name, field);
    object += ':';
    object += raw ? std::string(value) : json_string(value, field);
  }
  return object + '}';
}

std::string random_id() {
  std::ifstream file("/proc/sys/kernel/random/uuid");
  std::string id;
  if (!std::getline(file, id)) throw Error(ErrorCode::io, "cannot read /proc/sys/kernel/random/uuid");
  return id;
}

}  // namespace

std::string event_text(const std::string& type, const std::vector<std::string>& fields, WallTime now,
                       const std::string& correlation_id) {
  if (type.empty()) throw Error(ErrorCode::usage, "--event: give the event's type");
  const std::string name = json_string(type, type);
  const std::string body = json_object(fields);
  if (type.find('.') == std::string::npos) return fmt::format("{{\"type\":{},\"payload\":{}}}", name, body);
  return fmt::format(
      "{{\"id\":\"{}\",\"type\":{},\"version\":\"1.0\",\"source\":\"kbeat\",\"timestamp\":\"{}\","
      "\"correlation_id\":{},\"data\":{},\"metadata\":{{}}}}",
      random_id(), name, to_rfc3339(now),
      correlation_id.empty() ? "null" : json_string(correlation_id, correlation_id), body);
}

}  // namespace kbeat::app
