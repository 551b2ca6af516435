// file: URLs, for those who allow them: read from the disk without any network code.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kbeat/net/download.hpp"

namespace kbeat::net {

[[nodiscard]] bool is_file_url(std::string_view url);

/// The absolute path that a file: URL names; nothing for any other URL and for one that cannot be opened.
[[nodiscard]] std::optional<std::string> path_of_file_url(std::string_view url);

/// Opens `file:///path` or `file://localhost/path` (percent-encoded) when it is a regular file of at most
/// `max_bytes`.
[[nodiscard]] Fetched open_file_url(const std::string& url, std::uint64_t max_bytes);

}  // namespace kbeat::net
