// What libcurl's codes mean for the event that asked.
#pragma once

#include <string>
#include <string_view>

#include "kbeat/net/curl_handles.hpp"
#include "kbeat/net/download.hpp"

namespace kbeat::net {

/// A failure of the connection or the protocol: `cannot VERB URL`; `url` is shown redacted.
[[nodiscard]] FetchFailure failure_of_curl(CURLcode code, std::string_view verb, const std::string& url);

}  // namespace kbeat::net
