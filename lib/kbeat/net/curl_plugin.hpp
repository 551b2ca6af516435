// The door between libkbeat.so and libkbeat_net.so, the shared object that holds libcurl.
#pragma once

#include "kbeat/net/download.hpp"
#include "kbeat/net/http_client.hpp"

namespace kbeat::net {

inline constexpr const char* k_open_curl_downloader = "kbeat_open_curl_downloader";

/// Returns an object made by new, for http and https URLs only. Throws Error{internal} when libcurl refuses
/// to start.
using OpenCurlDownloader = Downloader*(const DownloadPolicy& policy);

inline constexpr const char* k_open_curl_client = "kbeat_open_curl_client";

/// As above; the policy's limit on bytes is that of an answer.
using OpenCurlClient = HttpClient*(const DownloadPolicy& policy);

}  // namespace kbeat::net
