// The envelope's fields in their fixed order.
#include "kbeat/model/envelope_writer.hpp"

#include <simdjson.h>

#include "kbeat/base/base64.hpp"
#include "kbeat/base/decimal.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat {
namespace {

void append_number(std::string& out, std::string_view name, std::int64_t number) {
  out += name;
  append_decimal(out, number);
}

/// The value as a JSON string, or as base64 followed by `mark`.
void append_bytes(std::string& out, const std::optional<std::string_view>& bytes, std::string_view mark) {
  if (!bytes) {
    out += "null";
  } else if (is_utf8(*bytes)) {
    append_json_string(out, *bytes);
  } else {
    out += '"';
    append_base64(out, *bytes);
    out += mark;
  }
}

void append_headers(std::string& out, std::span<const HeaderView> headers) {
  out += ",\"headers\":[";
  for (std::size_t i = 0; i < headers.size(); ++i) {
    out += i == 0 ? "{\"key\":" : ",{\"key\":";
    append_bytes(out, headers[i].name, "\",\"key_enc\":\"base64\"");
    out += ",\"value\":";
    append_bytes(out, headers[i].value, "\",\"enc\":\"base64\"");
    out += '}';
  }
  out += ']';
}

std::string_view stamp_name(TimestampType type) {
  switch (type) {
    case TimestampType::create: return "create";
    case TimestampType::log_append: return "logappend";
    case TimestampType::none: return "unknown";
  }
  return "unknown";
}

}  // namespace

struct EnvelopeWriter::JsonCheck {
  simdjson::dom::parser parser;
  std::string padded;
};

EnvelopeWriter::EnvelopeWriter(PayloadForm form)
    : m_json(form == PayloadForm::json ? std::make_unique<JsonCheck>() : nullptr) {}

EnvelopeWriter::~EnvelopeWriter() = default;

void EnvelopeWriter::append(std::string& out, const RecordView& record) {
  out += "{\"topic\":";
  append_json_string(out, record.topic);
  append_number(out, ",\"partition\":", record.partition.get());
  append_number(out, ",\"offset\":", record.offset.get());
  out += ",\"tstype\":\"";
  out += stamp_name(record.timestamp_type);
  const bool stamped = record.timestamp_type != TimestampType::none;
  append_number(out, "\",\"ts\":", stamped ? record.timestamp.time_since_epoch().count() : -1);
  append_headers(out, record.headers);
  out += ",\"key\":";
  append_bytes(out, record.key, "\",\"key_enc\":\"base64\"");
  out += ",\"payload\":";
  if (record.value && m_json && fits_verbatim(*record.value)) {
    out += *record.value;
    out += ",\"payload_enc\":\"json\"";
  } else {
    append_bytes(out, record.value, "\",\"payload_enc\":\"base64\"");
  }
  out += '}';
}

/// Verbatim must come back byte for byte: no line breaks, no blanks that a reader would trim.
bool EnvelopeWriter::fits_verbatim(std::string_view payload) {
  constexpr std::string_view k_blank = " \t\r\n";
  const bool trimmed = !payload.empty() && k_blank.find(payload.front()) == std::string_view::npos &&
                       k_blank.find(payload.back()) == std::string_view::npos;
  if (!trimmed || payload.find_first_of("\r\n") != std::string_view::npos) return false;
  std::string& padded = m_json->padded;
  padded.assign(payload);
  padded.append(simdjson::SIMDJSON_PADDING, '\0');
  simdjson::dom::element ignored;
  return m_json->parser.parse(padded.data(), payload.size(), false).get(ignored) == simdjson::SUCCESS;
}

}  // namespace kbeat
