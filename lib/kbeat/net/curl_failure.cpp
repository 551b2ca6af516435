// The table of libcurl's codes.
#include "kbeat/net/curl_failure.hpp"

#include <fmt/format.h>

#include "kbeat/net/redact_url.hpp"

namespace kbeat::net {

FetchFailure failure_of_curl(CURLcode code, std::string_view verb, const std::string& url) {
  // The error buffer is left alone: it may quote the URL with its query.
  const std::string message =
      fmt::format("cannot {} {}: {}", verb, redact_url(url), curl_easy_strerror(code));
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return {Error(ErrorCode::timed_out, message, Retryable::yes), std::nullopt};
    case CURLE_URL_MALFORMAT: return {Error(ErrorCode::bad_input, message), std::nullopt};
    case CURLE_FILESIZE_EXCEEDED: return {Error(ErrorCode::too_large, message), std::nullopt};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE: return {Error(ErrorCode::unreachable, message), std::nullopt};
    default: return {Error(ErrorCode::unreachable, message, Retryable::yes), std::nullopt};
  }
}

}  // namespace kbeat::net
