// SHA-256 of byte strings.
#pragma once

#include <string>
#include <string_view>

namespace kbeat {

/// 32 raw bytes. Safe from any thread.
[[nodiscard]] std::string sha256(std::string_view bytes);

/// Lower-case hexadecimal digits of `bytes`.
[[nodiscard]] std::string to_hex(std::string_view bytes);

}  // namespace kbeat
