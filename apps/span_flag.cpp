// Puts the flag's name before what is wrong with its value.
#include "span_flag.hpp"

#include <fmt/format.h>

#include "kbeat/base/error.hpp"

namespace kbeat::app {

Milliseconds span_of(const std::string& flag, const std::string& text) {
  try {
    return parse_duration(text);
  } catch (const Error& error) {
    throw Error(ErrorCode::usage, fmt::format("{}: {}", flag, error.what()));
  }
}

std::optional<Milliseconds> optional_span(const std::string& flag, const std::string& text) {
  if (text.empty()) return std::nullopt;
  return span_of(flag, text);
}

}  // namespace kbeat::app
