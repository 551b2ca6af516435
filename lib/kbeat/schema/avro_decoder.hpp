// Avro's binary form to JSON, every length checked against what is there.
#pragma once

#include <string>
#include <string_view>

#include "kbeat/schema/avro_type.hpp"

namespace kbeat::schema {

/// Throws Error{bad_input} for bytes that the type does not describe, that nest deeper than 64 levels, that
/// would grow beyond 64 MiB of JSON, or that go on after the value.
[[nodiscard]] std::string decode_avro(const AvroType& type, std::string_view bytes);

}  // namespace kbeat::schema
