// The table of HTTP statuses.
#include "kbeat/net/http_status.hpp"

#include <fmt/format.h>

#include "kbeat/net/redact_url.hpp"

namespace kbeat::net {

FetchFailure failure_of_status(long status, const std::string& url, std::optional<Milliseconds> retry_after) {
  const std::string message = fmt::format("{} answered with HTTP status {}", redact_url(url), status);
  const bool may_pass = status >= 500 || status == 408 || status == 425 || status == 429;
  if (may_pass) return {Error(ErrorCode::unreachable, message, Retryable::yes), retry_after};
  const bool is_gone = status == 404 || status == 410;
  return {Error(is_gone ? ErrorCode::not_found : ErrorCode::bad_input, message), std::nullopt};
}

}  // namespace kbeat::net
