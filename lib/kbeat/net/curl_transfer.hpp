// One guarded HTTP request: the address is checked before each connection, bytes and time are counted.
#pragma once

#include <stop_token>
#include <string>
#include <variant>

#include "kbeat/net/curl_handles.hpp"
#include "kbeat/net/download.hpp"
#include "kbeat/net/http_client.hpp"

namespace kbeat::net {

/// The body is written to `sink` from its present position on. For a `call`, its method, headers and body are
/// sent, and whatever the server says goes to `told`.
struct HttpRequest {
  std::string url;  ///< found good by fault_of_http_url
  int sink = -1;
  SteadyTime deadline;
  std::stop_token stop;
  const HttpCall* call = nullptr;
  HttpAnswer* told = nullptr;
};

/// The whole body is in the sink, or the whole answer in `told`.
struct Stored {};

/// The server names another place; nothing was written.
struct Redirected {
  std::string url;
};

using Answer = std::variant<Stored, Redirected, FetchFailure>;

/// Redirects are not followed: the caller looks at each before it asks again.
[[nodiscard]] Answer run_request(CurlSession& session, const DownloadPolicy& policy,
                                 const HttpRequest& request);

}  // namespace kbeat::net
