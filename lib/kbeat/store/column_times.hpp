// Times as the store's columns hold them: milliseconds since 1970.
#pragma once

#include <cstdint>

#include "kbeat/base/clock.hpp"

namespace kbeat::store {

[[nodiscard]] inline std::int64_t to_column(WallTime time) {
  return time.time_since_epoch().count();
}
[[nodiscard]] inline WallTime from_column(std::int64_t value) {
  return WallTime(Milliseconds(value));
}

}  // namespace kbeat::store
