// The schemas in samples/schemas, as the library carries them.
#pragma once

#include <span>
#include <string_view>

namespace kbeat::schema {

struct BuiltinSchema {
  std::string_view name;  ///< of the file, without .json
  std::string_view text;
};

[[nodiscard]] std::span<const BuiltinSchema> builtin_schemas();

}  // namespace kbeat::schema
