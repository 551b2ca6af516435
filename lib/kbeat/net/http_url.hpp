// Which http URLs may be asked for at all, before any name is resolved.
#pragma once

#include <optional>
#include <string>

namespace kbeat::net {

/// Why `url` is refused (scheme, user or password in it, no host, malformed), or nothing. The same parser
/// answers that makes the request afterwards, so the two cannot disagree.
[[nodiscard]] std::optional<std::string> fault_of_http_url(const std::string& url);

}  // namespace kbeat::net
