// The forms that an envelope's fields may have, read from their raw JSON.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "kbeat/model/record.hpp"

namespace kbeat {

enum class Encoding { none, base64, json };

/// A field as it stands in the line. For bytes the encoding may come before or after the value.
struct RawField {
  std::string_view token;                ///< its JSON, trimmed
  std::optional<std::string_view> text;  ///< a string's content
  Encoding encoding = Encoding::none;

  [[nodiscard]] bool is_null() const { return token == "null" || token.empty(); }
};

/// Throws Error{bad_input}; so do all below when a field does not have its form, naming it.
[[noreturn]] void bad_envelope(const std::string& why);

[[nodiscard]] std::string_view text_of(const RawField& field, std::string_view name);
/// From -1 (unknown) to `most`.
[[nodiscard]] std::int64_t whole_of(const RawField& field, std::string_view name, std::int64_t most);
/// Milliseconds since 1970, or RFC 3339; nothing for null and -1. Years after 2999 are taken for another
/// unit.
[[nodiscard]] std::optional<WallTime> stamp_of(const RawField& field, std::string_view name);
[[nodiscard]] TimestampType stamp_type_of(const RawField& field);
[[nodiscard]] Encoding encoding_of(const RawField& field, std::string_view name);

/// Turns fields into bytes; keeps what it decoded until the next line.
class FieldDecoder {
 public:
  FieldDecoder();
  FieldDecoder(const FieldDecoder&) = delete;
  FieldDecoder& operator=(const FieldDecoder&) = delete;
  ~FieldDecoder();

  /// Forgets the line before; `line_size` bounds what one line can decode to.
  void begin(std::size_t line_size);
  [[nodiscard]] std::optional<std::string_view> bytes_of(const RawField& field, std::string_view name);

 private:
  struct JsonCheck;
  std::string m_decoded;  ///< reserved for the whole line, so that it never moves
  std::unique_ptr<JsonCheck> m_json;
};

}  // namespace kbeat
