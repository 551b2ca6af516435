// POSTs events to a URL.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kbeat/handlers/handler.hpp"
#include "kbeat/net/http_client.hpp"

namespace kbeat::handlers {

enum class WebhookBody { value, envelope };

struct WebhookOptions {
  std::string name;  ///< empty: made from the URL's host
  std::string url;
  std::vector<std::string> headers;  ///< `Name: value`
  WebhookBody body = WebhookBody::value;
  std::optional<Milliseconds> time_limit;
};

/// 2xx is done. 408, 425, 429 and 5xx are tried again (after the server's Retry-After), as is a server that
/// cannot be reached; every other status is a reject. The body of the answer, however long, counts for
/// nothing. The client outlives it.
[[nodiscard]] std::unique_ptr<Handler> make_webhook_handler(WebhookOptions options, net::HttpClient& client);

/// `text` as a header's value: what is no printable ASCII, and %, as %XX.
[[nodiscard]] std::string header_value(std::string_view text);

}  // namespace kbeat::handlers
