// Changes a JSON value by a merge patch without touching the bytes of what stays.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kbeat/model/record.hpp"

namespace kbeat::dlq {

/// P. Hoffman, J. Snell: JSON Merge Patch, RFC 7396, 2014. All that the patch does not name stays byte for
/// byte, space among it; a field that comes anew stands at the end, one that stood there more than once is
/// left where it stood last.
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
