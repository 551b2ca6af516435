// Base64 with padding (RFC 4648, section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kbeat {

/// Appends the base64 form of `bytes`.
void append_base64(std::string& out, std::string_view bytes);

/// The bytes, or nothing when `text` is not strict base64 (wrong length, characters or padding).
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

/// As decode_base64, appended to `out`; false (with `out` unchanged) when `text` is not strict base64.
[[nodiscard]] bool append_decoded_base64(std::string& out, std::string_view text);

}  // namespace kbeat
