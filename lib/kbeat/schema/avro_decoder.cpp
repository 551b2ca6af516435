// One pass over the bytes, writing JSON as it goes.
#include "kbeat/schema/avro_decoder.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <iterator>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::schema {
namespace {

constexpr int k_deepest = 64;
constexpr std::size_t k_longest_json = 64u << 20;

[[noreturn]] void refuse_value(const std::string& why) {
  throw Error(ErrorCode::bad_input, fmt::format("the value is not what its Avro schema says: {}", why));
}

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : m_rest(bytes) {}

  void value(const AvroType& type) {
    if (++m_depth > k_deepest) refuse_value("it is nested too deep");
    if (m_json.size() > k_longest_json) refuse_value("it is too large as JSON");
    switch (type.kind) {
      case AvroKind::null: m_json += "null"; break;
      case AvroKind::boolean: boolean(); break;
      case AvroKind::integer: integer(); break;
      case AvroKind::long_int: m_json += std::to_string(long_int()); break;
      case AvroKind::float_num: number(fixed_size<float>()); break;
      case AvroKind::double_num: number(fixed_size<double>()); break;
      case AvroKind::bytes: latin(take(length())); break;
      case AvroKind::string: text(take(length())); break;
      case AvroKind::record: record(type); break;
      case AvroKind::enumeration: text(type.symbols[index(type.symbols.size())]); break;
      case AvroKind::array: array(type); break;
      case AvroKind::map: map(type); break;
      case AvroKind::union_of: value(*type.inner[index(type.inner.size())]); break;
      case AvroKind::fixed: latin(take(type.size)); break;
    }
    --m_depth;
  }

  std::string finish() {
    if (!m_rest.empty()) refuse_value(fmt::format("{} bytes are left over", m_rest.size()));
    return std::move(m_json);
  }

 private:
  std::string_view take(std::size_t size) {
    if (size > m_rest.size())
      refuse_value(fmt::format("{} bytes are wanted, {} are left", size, m_rest.size()));
    const std::string_view taken = m_rest.substr(0, size);
    m_rest.remove_prefix(size);
    return taken;
  }

  /// Zigzag, seven bits a byte, at most ten bytes.
  std::int64_t long_int() {
    std::uint64_t bits = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1).front());
      if (shift == 63 && byte > 1) break;
      bits |= std::uint64_t{byte & 0x7Fu} << shift;
      if ((byte & 0x80u) == 0) return static_cast<std::int64_t>(bits >> 1 ^ (~(bits & 1) + 1));
    }
    refuse_value("a number is longer than 64 bits");
  }

  void integer() {
    const std::int64_t number = long_int();
    if (number < INT32_MIN || number > INT32_MAX) refuse_value("an int is longer than 32 bits");
    m_json += std::to_string(number);
  }

  std::size_t length() {
    const std::int64_t size = long_int();
    if (size < 0) refuse_value("a length is negative");
    return static_cast<std::size_t>(size);
  }

  std::size_t index(std::size_t count) {
    const std::int64_t chosen = long_int();
    if (chosen < 0 || static_cast<std::size_t>(chosen) >= count)
      refuse_value(fmt::format("branch or symbol {} of {} is chosen", chosen, count));
    return static_cast<std::size_t>(chosen);
  }

  void boolean() {
    const char byte = take(1).front();
    if (byte != 0 && byte != 1) refuse_value("a boolean is neither 0 nor 1");
    m_json += byte == 1 ? "true" : "false";
  }

  template <typename Number>
  Number fixed_size() {
    Number number{};
    std::memcpy(&number, take(sizeof number).data(), sizeof number);
    return number;
  }

  /// JSON has no word for what is not finite: its name, as a string.
  template <typename Number>
  void number(Number value) {
    if (std::isfinite(value)) {
      fmt::format_to(std::back_inserter(m_json), "{}", value);
    } else {
      m_json += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    }
  }

  void text(std::string_view bytes) {
    if (!is_utf8(bytes)) refuse_value("a string is not UTF-8");
    append_json_string(m_json, bytes);
  }

  void latin(std::string_view bytes) {
    std::string wide;
    for (const char c : bytes) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x80) {
        wide += c;
      } else {
        wide += static_cast<char>(0xC0u | byte >> 6);
        wide += static_cast<char>(0x80u | (byte & 0x3Fu));
      }
    }
    append_json_string(m_json, wide);
  }

  void record(const AvroType& type) {
    char before = '{';
    for (const AvroField& field : type.fields) {
      m_json += before;
      append_json_string(m_json, field.name);
      m_json += ':';
      value(*field.type);
      before = ',';
    }
    m_json += before == '{' ? "{}" : "}";
  }

  /// Blocks of items; a negative count is followed by the block's size. Items may take no bytes at all, so
  /// that only the JSON's size bounds them.
  template <typename Item>
  void blocks(const Item& item) {
    bool first = true;
    for (std::int64_t count = long_int(); count != 0; count = long_int()) {
      if (count < 0) {
        if (count == INT64_MIN) refuse_value("a block's count is out of range");
        count = -count;
        if (length() > m_rest.size()) refuse_value("a block is longer than the value");
      }
      for (; count > 0; --count) {
        if (!first) m_json += ',';
        first = false;
        item();
      }
    }
  }

  void array(const AvroType& type) {
    m_json += '[';
    blocks([&] { value(*type.inner.front()); });
    m_json += ']';
  }

  void map(const AvroType& type) {
    m_json += '{';
    blocks([&] {
      text(take(length()));
      m_json += ':';
      value(*type.inner.front());
    });
    m_json += '}';
  }

  std::string_view m_rest;
  std::string m_json;
  int m_depth = 0;
};

}  // namespace

std::string decode_avro(const AvroType& type, std::string_view bytes) {
  Decoder decoder(bytes);
  decoder.value(type);
  return decoder.finish();
}

}  // namespace kbeat::schema
