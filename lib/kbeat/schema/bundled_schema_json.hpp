// A JSON Schema of a registry and those that it refers to, as one document.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kbeat/schema/codec.hpp"

namespace kbeat::schema {

/// The imports become definitions, and each `$ref` to one of them, by its name in the registry or by its
/// `$id`, leads there. References to anything else stay as they are. Throws Error{bad_input} for what is not
/// JSON.
[[nodiscard]] std::string bundled_schema(std::string_view schema, const std::vector<Imported>& imports);

}  // namespace kbeat::schema
