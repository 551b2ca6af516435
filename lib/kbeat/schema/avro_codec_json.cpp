// Avro: JSON to its binary form, and the codec of both ways.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/model/event.hpp"
#include "kbeat/schema/avro_decoder.hpp"
#include "kbeat/schema/avro_type.hpp"
#include "kbeat/schema/codec.hpp"

namespace kbeat::schema {
namespace {

using nlohmann::json;

/// Writes values, and knows the way to where it is for its complaints.
class Encoder {
 public:
  void value(const AvroType& type, const json& from) {
    switch (type.kind) {
      case AvroKind::null: expect(from.is_null(), "null"); break;
      case AvroKind::boolean:
        expect(from.is_boolean(), "true or false");
        m_bytes += from.get<bool>() ? '\1' : '\0';
        break;
      case AvroKind::integer:
      case AvroKind::long_int: whole(type, from); break;
      case AvroKind::float_num: number<float>(from); break;
      case AvroKind::double_num: number<double>(from); break;
      case AvroKind::bytes: sized(latin(from)); break;
      case AvroKind::string:
        expect(from.is_string(), "a string");
        sized(from.get_ref<const std::string&>());
        break;
      case AvroKind::record: record(type, from); break;
      case AvroKind::enumeration: symbol(type, from); break;
      case AvroKind::array: array(type, from); break;
      case AvroKind::map: map(type, from); break;
      case AvroKind::union_of: branch(type, from); break;
      case AvroKind::fixed: fixed(type, from); break;
    }
  }

  std::string finish() { return std::move(m_bytes); }

 private:
  [[noreturn]] void refuse(const std::string& wanted) const {
    throw Error(ErrorCode::bad_input, fmt::format("{} is not {}, which its Avro schema wants",
                                                  m_path.empty() ? "the value" : m_path.substr(1), wanted));
  }
  void expect(bool holds, const char* wanted) const {
    if (!holds) refuse(wanted);
  }

  void long_int(std::int64_t number) {
    auto bits = static_cast<std::uint64_t>(number) << 1 ^ static_cast<std::uint64_t>(number >> 63);
    for (; bits > 0x7F; bits >>= 7) m_bytes += static_cast<char>((bits & 0x7F) | 0x80);
    m_bytes += static_cast<char>(bits);
  }

  void sized(std::string_view bytes) {
    long_int(static_cast<std::int64_t>(bytes.size()));
    m_bytes += bytes;
  }

  void whole(const AvroType& type, const json& from) {
    const bool fits = from.is_number_integer() &&
                      (!from.is_number_unsigned() || from.get<std::uint64_t>() <= std::uint64_t{INT64_MAX});
    expect(fits, "a whole number of 64 bits");
    const auto number = from.get<std::int64_t>();
    expect(type.kind == AvroKind::long_int || (number >= INT32_MIN && number <= INT32_MAX),
           "a whole number of 32 bits");
    long_int(number);
  }

  template <typename Number>
  void number(const json& from) {
    Number value = 0;
    if (from == "NaN") {
      value = std::numeric_limits<Number>::quiet_NaN();
    } else if (from == "Infinity" || from == "-Infinity") {
      value = std::numeric_limits<Number>::infinity() * (from == "Infinity" ? 1 : -1);
    } else {
      expect(from.is_number(), "a number");
      value = from.get<Number>();
    }
    m_bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }

  [[nodiscard]] std::string latin(const json& from) const {
    expect(from.is_string(), "a string of the code points 0 to 255");
    const auto& text = from.get_ref<const std::string&>();
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      expect(byte < 0xC4, "a string of the code points 0 to 255");
      bytes += byte < 0x80 ? text[i]
                           : static_cast<char>(byte << 6 | (static_cast<unsigned char>(text[++i]) & 0x3F));
    }
    return bytes;
  }

  void fixed(const AvroType& type, const json& from) {
    const std::string bytes = latin(from);
    if (bytes.size() != type.size) refuse(fmt::format("{} bytes long", type.size));
    m_bytes += bytes;
  }

  void symbol(const AvroType& type, const json& from) {
    const auto found = from.is_string()
                           ? std::find(type.symbols.begin(), type.symbols.end(), from.get<std::string>())
                           : type.symbols.end();
    if (found == type.symbols.end()) refuse(fmt::format("a symbol of {}", type.name));
    long_int(found - type.symbols.begin());
  }

  void within(const std::string& name, const AvroType& type, const json& from) {
    const std::size_t length = m_path.size();
    m_path += "." + clean_utf8(name, 80);
    value(type, from);
    m_path.resize(length);
  }

  void record(const AvroType& type, const json& from) {
    expect(from.is_object(), "an object");
    for (const AvroField& field : type.fields) {
      const auto given = from.find(field.name);
      if (given != from.end()) {
        within(field.name, *field.type, *given);
      } else if (field.has_default) {
        within(field.name, *field.type, json::parse(field.default_json));
      } else {
        refuse(fmt::format("with a field {}", field.name));
      }
    }
    for (const auto& [name, unused] : from.items()) {
      const bool known = std::any_of(type.fields.begin(), type.fields.end(),
                                     [&name = name](const AvroField& field) { return field.name == name; });
      if (!known) refuse(fmt::format("without a field {}", clean_utf8(name, 80)));
    }
  }

  void array(const AvroType& type, const json& from) {
    expect(from.is_array(), "an array");
    if (!from.empty()) long_int(static_cast<std::int64_t>(from.size()));
    std::size_t at = 0;
    for (const json& item : from) within(std::to_string(at++), *type.inner.front(), item);
    long_int(0);
  }

  void map(const AvroType& type, const json& from) {
    expect(from.is_object(), "an object");
    if (!from.empty()) long_int(static_cast<std::int64_t>(from.size()));
    for (const auto& [name, item] : from.items()) {
      sized(name);
      within(name, *type.inner.front(), item);
    }
    long_int(0);
  }

  /// The first branch that fits; `{"BRANCH":value}`, Avro's own JSON form, is understood as well.
  void branch(const AvroType& type, const json& from) {
    const std::size_t start = m_bytes.size();
    const std::size_t path = m_path.size();
    for (std::size_t i = 0; i < type.inner.size(); ++i) {
      const bool tagged = from.is_object() && from.size() == 1 && from.contains(type.inner[i]->name);
      for (const json* candidate : {&from, tagged ? &from.begin().value() : nullptr}) {
        if (candidate == nullptr) continue;
        try {
          long_int(static_cast<std::int64_t>(i));
          value(*type.inner[i], *candidate);
          return;
        } catch (const Error&) {
          m_bytes.resize(start);
          m_path.resize(path);
        }
      }
    }
    refuse("one of the union's types");
  }

  std::string m_bytes;
  std::string m_path;
};

class AvroCodec final : public Codec {
 public:
  AvroCodec(std::string_view schema, const std::vector<Imported>& imports) : m_schema(schema, imports) {}

  std::string decode(std::string_view bytes) const override { return decode_avro(m_schema.root(), bytes); }

  std::string encode(std::string_view text, std::string_view) const override {
    std::string why;
    if (!is_json(text, &why))
      throw Error(ErrorCode::bad_input, fmt::format("the value is not JSON: {}", why));
    const json value = json::parse(text);
    Encoder encoder;
    encoder.value(m_schema.root(), value);
    return encoder.finish();
  }

 private:
  AvroSchema m_schema;
};

}  // namespace

std::unique_ptr<Codec> make_avro_codec(std::string_view schema, const std::vector<Imported>& imports) {
  return std::make_unique<AvroCodec>(schema, imports);
}

}  // namespace kbeat::schema
