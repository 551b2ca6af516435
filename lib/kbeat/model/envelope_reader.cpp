// Walks one JSON object on demand and fills a record view from it.
#include "kbeat/model/envelope_reader.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <string>
#include <vector>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/nearest.hpp"
#include "kbeat/model/envelope_fields.hpp"

namespace kbeat {
namespace {

namespace od = simdjson::ondemand;

constexpr std::string_view k_header_key = "a header's key";
constexpr std::string_view k_header_value = "a header's value";

enum EnvelopeField : unsigned {
  topic,
  partition,
  offset,
  tstype,
  stamp,
  headers,
  key,
  key_enc,
  content,
  payload_enc,
  passed_over
};

struct FieldName {
  std::string_view name;
  EnvelopeField field;
};

/// Ours, then the synonyms, then what kcat adds and nobody needs.
constexpr std::array k_fields = {
    FieldName{"payload", content},
    FieldName{"key", key},
    FieldName{"topic", topic},
    FieldName{"partition", partition},
    FieldName{"offset", offset},
    FieldName{"tstype", tstype},
    FieldName{"ts", stamp},
    FieldName{"headers", headers},
    FieldName{"key_enc", key_enc},
    FieldName{"payload_enc", payload_enc},
    FieldName{"value", content},
    FieldName{"timestamp", stamp},
    FieldName{"broker", passed_over},
    FieldName{"key_schema_id", passed_over},
    FieldName{"value_schema_id", passed_over},
};

void check(simdjson::error_code code, std::string_view what) {
  if (code == simdjson::SUCCESS) return;
  bad_envelope(fmt::format("{} is not valid JSON: {}", what, simdjson::error_message(code)));
}

[[noreturn]] void unknown_field(std::string_view name) {
  std::vector<std::string> names;
  for (const FieldName& field : k_fields) names.emplace_back(field.name);
  bad_envelope(
      fmt::format("unknown field \"{}\"{}", escape_for_terminal(name, 80), did_you_mean(name, names)));
}

EnvelopeField field_of(std::string_view name) {
  for (const FieldName& field : k_fields) {
    if (field.name == name) return field.field;
  }
  unknown_field(name);
}

/// Fills all but the encoding.
void read_raw(od::value& value, std::string_view name, RawField& raw) {
  od::json_type type;
  check(value.type().get(type), name);
  if (type == od::json_type::object) {
    od::object object;
    check(value.get_object().get(object), name);
    check(object.raw_json().get(raw.token), name);
  } else if (type == od::json_type::array) {
    od::array array;
    check(value.get_array().get(array), name);
    check(array.raw_json().get(raw.token), name);
  } else {
    raw.token = value.raw_json_token();
  }
  raw.token = raw.token.substr(0, raw.token.find_last_not_of(" \t\r\n") + 1);
  std::string_view text;
  if (type != od::json_type::string) return;
  check(value.get_string().get(text), name);
  raw.text = text;
}

RawField raw_of(od::value& value, std::string_view name) {
  RawField raw;
  read_raw(value, name, raw);
  return raw;
}

}  // namespace

class EnvelopeReader::Parser {
 public:
  const RecordView& read(std::string_view line);

 private:
  void begin(std::string_view line);
  void take(EnvelopeField field, od::value& value, std::string_view name);
  void note_once(EnvelopeField field, std::string_view name);
  void settle();
  [[nodiscard]] bool seen(EnvelopeField field) const { return (m_seen >> field & 1u) != 0; }

  void read_headers(od::value& value);
  void read_header_array(od::array& array);
  void read_header_map(od::object& object);
  [[nodiscard]] HeaderView read_header(od::object& object);
  [[nodiscard]] std::optional<std::string_view> header_value(od::value& value);

  od::parser m_parser;
  std::string m_padded;  ///< the line with the padding that simdjson reads into
  FieldDecoder m_decoder;
  RecordView m_record;
  std::vector<HeaderView> m_headers;
  std::optional<TimestampType> m_type;
  std::optional<WallTime> m_stamp;
  RawField m_key;
  RawField m_payload;
  unsigned m_seen = 0;
};

void EnvelopeReader::Parser::begin(std::string_view line) {
  m_record = RecordView{.partition = Partition{-1}, .offset = Offset{-1}};
  m_type.reset();
  m_stamp.reset();
  m_key = {};
  m_payload = {};
  m_seen = 0;
  m_headers.clear();
  m_decoder.begin(line.size());
  m_padded.assign(line);
  m_padded.append(simdjson::SIMDJSON_PADDING, '\0');
}

const RecordView& EnvelopeReader::Parser::read(std::string_view line) {
  begin(line);
  od::document document;
  od::object object;
  check(m_parser.iterate(m_padded.data(), line.size(), m_padded.size()).get(document), "the line");
  if (document.get_object().get(object) != simdjson::SUCCESS) bad_envelope("the line is not one JSON object");
  for (auto entry : object) {
    od::field pair;
    check(std::move(entry).get(pair), "the line");
    std::string_view name;
    check(pair.unescaped_key().get(name), "a field's name");
    od::value value = pair.value();
    take(field_of(name), value, name);
  }
  const char* rest = nullptr;
  const bool at_end = document.current_location().get(rest) == simdjson::OUT_OF_BOUNDS;
  if (!at_end) bad_envelope("there is something after the JSON object");
  settle();
  return m_record;
}

void EnvelopeReader::Parser::take(EnvelopeField field, od::value& value, std::string_view name) {
  constexpr std::int64_t k_most_partitions = 2'147'483'647;
  if (field == passed_over) return;
  note_once(field, name);
  switch (field) {
    case topic: m_record.topic = text_of(raw_of(value, name), name); break;
    case partition: {
      const std::int64_t number = whole_of(raw_of(value, name), name, k_most_partitions);
      m_record.partition = Partition{static_cast<std::int32_t>(number)};
      break;
    }
    case offset: m_record.offset = Offset{whole_of(raw_of(value, name), name, INT64_MAX)}; break;
    case tstype: m_type = stamp_type_of(raw_of(value, name)); break;
    case stamp: m_stamp = stamp_of(raw_of(value, name), name); break;
    case headers: read_headers(value); break;
    case key: read_raw(value, name, m_key); break;
    case content: read_raw(value, name, m_payload); break;
    case key_enc: m_key.encoding = encoding_of(raw_of(value, name), name); break;
    case payload_enc: m_payload.encoding = encoding_of(raw_of(value, name), name); break;
    case passed_over: break;
  }
}

/// A field given twice, or in two synonyms, leaves open which one counts.
void EnvelopeReader::Parser::note_once(EnvelopeField field, std::string_view name) {
  if (seen(field)) bad_envelope(fmt::format("\"{}\" is given twice", name));
  m_seen |= 1u << field;
}

void EnvelopeReader::Parser::settle() {
  if (!seen(content)) bad_envelope("there is no payload; write \"payload\":null for a tombstone");
  m_record.key = m_decoder.bytes_of(m_key, "key");
  m_record.value = m_decoder.bytes_of(m_payload, "payload");
  m_record.headers = m_headers;
  if (!m_stamp) return;
  m_record.timestamp = *m_stamp;
  m_record.timestamp_type = m_type.value_or(TimestampType::create);
}

/// An array of {key, value, enc}, kcat's flat array of names and values, or a map.
void EnvelopeReader::Parser::read_headers(od::value& value) {
  od::json_type type;
  check(value.type().get(type), "headers");
  if (type == od::json_type::array) {
    od::array array;
    check(value.get_array().get(array), "headers");
    read_header_array(array);
  } else if (type == od::json_type::object) {
    od::object object;
    check(value.get_object().get(object), "headers");
    read_header_map(object);
  } else if (!raw_of(value, "headers").is_null()) {
    bad_envelope("headers is neither an array nor a map");
  }
}

void EnvelopeReader::Parser::read_header_array(od::array& array) {
  bool owes_value = false;  // kcat's flat form: a name was read and its value comes next
  for (auto element : array) {
    od::value item;
    check(std::move(element).get(item), "headers");
    od::json_type type{};
    check(item.type().get(type), "headers");
    if (owes_value) {
      m_headers.back().value = header_value(item);
      owes_value = false;
    } else if (type == od::json_type::object) {
      od::object object;
      check(item.get_object().get(object), "headers");
      m_headers.push_back(read_header(object));
    } else {
      m_headers.push_back({text_of(raw_of(item, k_header_key), k_header_key), std::nullopt});
      owes_value = true;
    }
  }
  if (owes_value) bad_envelope("headers names a header without a value");
}

void EnvelopeReader::Parser::read_header_map(od::object& object) {
  for (auto entry : object) {
    od::field pair;
    check(std::move(entry).get(pair), "headers");
    std::string_view name;
    check(pair.unescaped_key().get(name), "headers");
    od::value value = pair.value();
    m_headers.push_back({name, header_value(value)});
  }
}

std::optional<std::string_view> EnvelopeReader::Parser::header_value(od::value& value) {
  return m_decoder.bytes_of(raw_of(value, k_header_value), k_header_value);
}

HeaderView EnvelopeReader::Parser::read_header(od::object& object) {
  RawField name;
  RawField content;
  for (auto entry : object) {
    od::field pair;
    check(std::move(entry).get(pair), "headers");
    std::string_view field;
    check(pair.unescaped_key().get(field), "headers");
    od::value value = pair.value();
    if (field == "key") {
      read_raw(value, k_header_key, name);
    } else if (field == "value") {
      read_raw(value, k_header_value, content);
    } else if (field == "enc") {
      content.encoding = encoding_of(raw_of(value, field), field);
    } else if (field == "key_enc") {
      name.encoding = encoding_of(raw_of(value, field), field);
    } else {
      bad_envelope(fmt::format("a header has the unknown field \"{}\"", escape_for_terminal(field, 80)));
    }
  }
  const auto decoded = m_decoder.bytes_of(name, k_header_key);
  if (!decoded || content.token.empty()) bad_envelope("a header has no key or no value");
  return {*decoded, m_decoder.bytes_of(content, k_header_value)};
}

EnvelopeReader::EnvelopeReader() : m_parser(std::make_unique<Parser>()) {}

EnvelopeReader::~EnvelopeReader() = default;

const RecordView& EnvelopeReader::read(std::string_view line) {
  return m_parser->read(line);
}

}  // namespace kbeat
