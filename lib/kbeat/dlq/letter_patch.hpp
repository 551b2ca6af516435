// Changes a JSON value by a merge patch without touching the bytes of what stays.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kbeat/model/record.hpp"

namespace kbeat::dlq {

/// P. Hoffman, J. Snell: JSON Merge Patch, RFC 7396, 2014. Numbers, escapes and the order of fields that the
/// patch does not name stay byte for byte; a field that comes anew stands at the end.
class JsonPatch {
 public:
  /// Throws Error{usage} when `patch` is not JSON.
  explicit JsonPatch(std::string patch);

  /// Throws Error{bad_input} when `value` is not JSON.
  [[nodiscard]] Bytes apply(const std::optional<Bytes>& value) const;

 private:
  std::string m_patch;
};

}  // namespace kbeat::dlq
