// A record's headers as one column: order, duplicates and nulls kept.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/model/record.hpp"

namespace kbeat::store {

/// For each header its name's length, the name, its value's length and the value; lengths are four bytes,
/// little-endian, and -1 for a null value.
[[nodiscard]] std::string encode_headers(std::span<const Header> headers);

/// Throws Error{database} when `bytes` are not what encode_headers makes.
[[nodiscard]] std::vector<Header> decode_headers(std::string_view bytes);

}  // namespace kbeat::store
