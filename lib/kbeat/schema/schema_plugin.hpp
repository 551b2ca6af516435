// The door between libkbeat.so and libkbeat_schema.so, the shared object that validates.
#pragma once

#include <string>
#include <string_view>

#include "kbeat/schema/validator.hpp"

namespace kbeat::schema {

inline constexpr const char* k_compile_schema = "kbeat_compile_schema";

/// Returns an object made by new; throws as compile_schema does.
using CompileSchema = Validator*(std::string_view text, const std::string& what);

}  // namespace kbeat::schema
