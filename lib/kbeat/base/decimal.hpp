// Whole numbers as text, without an allocation.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace kbeat {

inline void append_decimal(std::string& out, std::int64_t number) {
  const fmt::format_int digits(number);
  out.append(digits.data(), digits.size());
}

}  // namespace kbeat
