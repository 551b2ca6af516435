// What an HTTP answer that is no file means for the event that asked.
#pragma once

#include <optional>
#include <string>

#include "kbeat/net/download.hpp"

namespace kbeat::net {

/// 5xx, 408, 425 and 429 may pass and keep the server's Retry-After; every other status is final.
/// `url` is shown redacted.
[[nodiscard]] FetchFailure failure_of_status(long status, const std::string& url,
                                             std::optional<Milliseconds> retry_after);

}  // namespace kbeat::net
