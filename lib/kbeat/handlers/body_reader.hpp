// Reads the fields of an event's body and keeps the first thing that is wrong with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/model/effect.hpp"
#include "kbeat/model/outcome.hpp"

namespace kbeat::handlers {

inline constexpr std::size_t k_longest_id = 1024;   ///< bytes
inline constexpr std::size_t k_longest_url = 8192;  ///< bytes

/// A field of a JSON object. The value is JSON text inside the body.
struct BodyField {
  std::string name;
  std::string_view json;
};

/// Looks into a body that was found to be JSON; the body must outlive it. A field that is there twice counts
/// with its first value. After a failed reading the values are empty and `rejection` says why, once.
class BodyReader {
 public:
  explicit BodyReader(std::string_view body);

  /// A string that must be there and not empty.
  [[nodiscard]] std::string text(std::string_view name, std::size_t longest = k_longest_id);
  /// A string, or a whole number as its digits, that must be there and not empty.
  [[nodiscard]] std::string id(std::string_view name);
  /// A string, or empty when it is absent or null.
  [[nodiscard]] std::string optional_text(std::string_view name, std::size_t longest = k_longest_id);
  [[nodiscard]] std::optional<double> optional_number(std::string_view name);
  /// Any value but null that must be there, as JSON text.
  [[nodiscard]] std::string json(std::string_view name);
  /// An object as JSON text, `{}` when it is absent or null.
  [[nodiscard]] std::string optional_object(std::string_view name);

  /// Whether the field is there and not null.
  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] const std::vector<BodyField>& fields() const { return m_fields; }

  /// Notes a fault found by the caller; only the first counts.
  void reject(std::string reason);
  [[nodiscard]] const std::optional<Reject>& rejection() const { return m_rejection; }

 private:
  [[nodiscard]] const BodyField* find(std::string_view name) const;
  /// As find, but nothing of one that is null.
  [[nodiscard]] const BodyField* find_given(std::string_view name) const;
  [[nodiscard]] std::string text_of(const BodyField& field, std::size_t longest);

  std::vector<BodyField> m_fields;
  std::optional<Reject> m_rejection;
};

/// A JSON value as a column: numbers as numbers, strings as their text, true and false as 1 and 0, arrays and
/// objects as JSON text.
[[nodiscard]] ColumnValue to_column(std::string_view json);

}  // namespace kbeat::handlers
