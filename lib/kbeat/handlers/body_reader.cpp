// One pass over the body's top level, then each field by its JSON text.
#include "kbeat/handlers/body_reader.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <new>

namespace kbeat::handlers {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t k_usual_fields = 16;

/// A thread's parser and its padded copy of what it reads.
struct Workspace {
  ondemand::parser parser;
  std::string padded;

  simdjson::simdjson_result<ondemand::document> open(std::string_view json) {
    padded.assign(json);
    padded.append(simdjson::SIMDJSON_PADDING, '\0');
    auto document = parser.iterate(simdjson::padded_string_view(padded.data(), json.size(), padded.size()));
    if (document.error() == simdjson::MEMALLOC) throw std::bad_alloc();
    return document;
  }
};

Workspace& workspace() {
  thread_local Workspace of_thread;
  return of_thread;
}

std::vector<BodyField> fields_of(std::string_view body) {
  Workspace& space = workspace();
  std::vector<BodyField> fields;
  fields.reserve(k_usual_fields);
  ondemand::document document;
  ondemand::object object;
  if (space.open(body).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS) {
    return fields;
  }
  for (auto each : object) {
    ondemand::field entry;
    std::string_view name;
    if (std::move(each).get(entry) != simdjson::SUCCESS ||
        entry.unescaped_key().get(name) != simdjson::SUCCESS)
      break;
    std::string owned(name);
    std::string_view raw;
    if (simdjson::to_json_string(entry.value()).get(raw) != simdjson::SUCCESS) break;
    fields.push_back({std::move(owned),
                      body.substr(static_cast<std::size_t>(raw.data() - space.padded.data()), raw.size())});
  }
  return fields;
}

bool is_object(std::string_view json) {
  const std::size_t first = json.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && json[first] == '{';
}

/// The content of a JSON string.
std::string unescaped(std::string_view json) {
  if (json.find('\\') == std::string_view::npos) return std::string(json.substr(1, json.size() - 2));
  ondemand::document document;
  std::string_view text;
  const bool read = workspace().open(json).get(document) == simdjson::SUCCESS &&
                    document.get_string().get(text) == simdjson::SUCCESS;
  return read ? std::string(text) : std::string();
}

std::optional<double> number_of(std::string_view json) {
  double value = 0;
  const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), value);
  if (error != std::errc() || end != json.data() + json.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> whole_number_of(std::string_view json) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), value);
  if (error != std::errc() || end != json.data() + json.size()) return std::nullopt;
  return value;
}

bool is_string(std::string_view json) {
  return json.starts_with('"');
}

}  // namespace

BodyReader::BodyReader(std::string_view body) {
  if (is_object(body)) {
    m_fields = fields_of(body);
  } else {
    reject("the event's body is not a JSON object");
  }
}

std::string BodyReader::text(std::string_view name, std::size_t longest) {
  const BodyField* const field = find_given(name);
  if (field == nullptr) {
    reject(fmt::format("{} is missing", name));
    return {};
  }
  std::string value = text_of(*field, longest);
  if (value.empty()) reject(fmt::format("{} is empty", name));
  return value;
}

std::string BodyReader::id(std::string_view name) {
  if (const BodyField* const field = find(name); field != nullptr) {
    if (const auto number = whole_number_of(field->json)) return std::to_string(*number);
  }
  return text(name);
}

std::string BodyReader::optional_text(std::string_view name, std::size_t longest) {
  const BodyField* const field = find_given(name);
  return field == nullptr ? std::string() : text_of(*field, longest);
}

std::string BodyReader::text_of(const BodyField& field, std::size_t longest) {
  if (!is_string(field.json)) {
    reject(fmt::format("{} is not a string", field.name));
    return {};
  }
  std::string value = unescaped(field.json);
  if (value.size() <= longest) return value;
  reject(fmt::format("{} is longer than {} bytes", field.name, longest));
  return {};
}

std::optional<double> BodyReader::optional_number(std::string_view name) {
  const BodyField* const field = find_given(name);
  if (field == nullptr) return std::nullopt;
  const std::optional<double> value = number_of(field->json);
  if (!value) reject(fmt::format("{} is not a number", name));
  return value;
}

std::string BodyReader::json(std::string_view name) {
  if (const BodyField* const field = find_given(name)) return std::string(field->json);
  reject(fmt::format("{} is missing", name));
  return {};
}

std::string BodyReader::optional_object(std::string_view name) {
  const BodyField* const field = find_given(name);
  if (field == nullptr) return "{}";
  if (is_object(field->json)) return std::string(field->json);
  reject(fmt::format("{} is not an object", name));
  return {};
}

bool BodyReader::has(std::string_view name) const {
  return find_given(name) != nullptr;
}

const BodyField* BodyReader::find_given(std::string_view name) const {
  const BodyField* const field = find(name);
  return field != nullptr && field->json != "null" ? field : nullptr;
}

void BodyReader::reject(std::string reason) {
  if (!m_rejection) m_rejection = Reject{FailureCategory::schema, std::move(reason)};
}

const BodyField* BodyReader::find(std::string_view name) const {
  const auto found = std::find_if(m_fields.begin(), m_fields.end(),
                                  [&](const BodyField& field) { return field.name == name; });
  return found == m_fields.end() ? nullptr : &*found;
}

ColumnValue to_column(std::string_view json) {
  if (json == "null") return nullptr;
  if (json == "true" || json == "false") return std::int64_t{json == "true"};
  if (is_string(json)) return unescaped(json);
  if (const auto integer = whole_number_of(json)) return *integer;
  if (const std::optional<double> number = number_of(json)) return *number;
  return std::string(json);
}

}  // namespace kbeat::handlers
