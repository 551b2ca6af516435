// The frame around a value whose schema is in a registry: a zero byte, then the schema's id in four, big
// endian.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kbeat::schema {

struct Framed {
  std::int32_t id = 0;
  std::string_view payload;
};

/// Nothing when the value does not begin with a frame.
[[nodiscard]] std::optional<Framed> read_frame(std::string_view value);

[[nodiscard]] std::string frame(std::int32_t id, std::string_view payload);

}  // namespace kbeat::schema
