// Which headers a user may add to a request.
#pragma once

#include <optional>
#include <string_view>

namespace kbeat::net {

/// True for text without control characters, which could begin another header.
[[nodiscard]] bool is_header_value(std::string_view text);

/// Why a request may not have this header of a user's, or nothing: a name that is no token (RFC 9110, section
/// 5.6.2), one that the request has by itself, or a value with control characters.
[[nodiscard]] std::optional<std::string_view> fault_of_own_header(std::string_view name,
                                                                  std::string_view value);

}  // namespace kbeat::net
