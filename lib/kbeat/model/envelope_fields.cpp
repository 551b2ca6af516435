// Reads single fields of an envelope.
#include "kbeat/model/envelope_fields.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>

#include "kbeat/base/base64.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat {

struct FieldDecoder::JsonCheck {
  simdjson::dom::parser parser;
};

void bad_envelope(const std::string& why) {
  throw Error(ErrorCode::bad_input, why);
}

std::string_view text_of(const RawField& field, std::string_view name) {
  if (!field.text) bad_envelope(fmt::format("{} is not a string", name));
  return *field.text;
}

std::int64_t whole_of(const RawField& field, std::string_view name, std::int64_t most) {
  std::int64_t number = 0;
  const std::string_view token = field.token;
  const auto result = std::from_chars(token.data(), token.data() + token.size(), number);
  const bool whole = result.ec == std::errc{} && result.ptr == token.data() + token.size();
  if (!whole || number < -1 || number > most) {
    bad_envelope(fmt::format("{} is not a whole number from 0 to {}", name, most));
  }
  return number;
}

std::optional<WallTime> stamp_of(const RawField& field, std::string_view name) {
  if (field.is_null()) return std::nullopt;
  if (field.text) return parse_rfc3339(*field.text);
  constexpr std::int64_t k_year_3000 = 32'503'680'000'000;
  const std::int64_t number = whole_of(field, name, INT64_MAX);
  if (number == -1) return std::nullopt;
  if (number >= k_year_3000) {
    bad_envelope(fmt::format("{} {} lies after the year 2999: give milliseconds since 1970", name, number));
  }
  return WallTime{Milliseconds{number}};
}

TimestampType stamp_type_of(const RawField& field) {
  const std::string_view name = text_of(field, "tstype");
  if (name == "create") return TimestampType::create;
  if (name == "logappend") return TimestampType::log_append;
  if (name == "unknown") return TimestampType::none;
  bad_envelope(
      fmt::format("tstype \"{}\" is not create, logappend or unknown", escape_for_terminal(name, 80)));
}

Encoding encoding_of(const RawField& field, std::string_view name) {
  if (field.is_null()) return Encoding::none;
  const std::string_view text = text_of(field, name);
  if (text == "base64") return Encoding::base64;
  if (text == "json" && name == "payload_enc") return Encoding::json;
  const char* allowed = name == "payload_enc" ? "base64 or json" : "base64";
  bad_envelope(fmt::format("{} \"{}\" is not {}", name, escape_for_terminal(text, 80), allowed));
}

FieldDecoder::FieldDecoder() : m_json(std::make_unique<JsonCheck>()) {}

FieldDecoder::~FieldDecoder() = default;

void FieldDecoder::begin(std::size_t line_size) {
  m_decoded.clear();
  m_decoded.reserve(line_size);
}

std::optional<std::string_view> FieldDecoder::bytes_of(const RawField& field, std::string_view name) {
  if (field.encoding == Encoding::json) {
    simdjson::dom::element ignored;
    const auto code = m_json->parser.parse(field.token.data(), field.token.size()).get(ignored);
    if (code != simdjson::SUCCESS) bad_envelope(fmt::format("{} is marked json and is not valid JSON", name));
    return field.token;
  }
  if (field.is_null()) return std::nullopt;
  if (!field.text) {
    const char* hint = name == "payload" ? ", unless payload_enc is json" : "";
    bad_envelope(fmt::format("{} is neither a string nor null{}", name, hint));
  }
  if (field.encoding == Encoding::none) return field.text;
  const std::size_t start = m_decoded.size();
  if (!append_decoded_base64(m_decoded, *field.text)) {
    bad_envelope(fmt::format("{} is marked base64 and is not (RFC 4648 with padding)", name));
  }
  return std::string_view(m_decoded).substr(start);
}

}  // namespace kbeat
