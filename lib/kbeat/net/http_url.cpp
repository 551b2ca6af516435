// Takes a URL apart with libcurl's own parser.
#include "kbeat/net/http_url.hpp"

#include <string_view>

#include "kbeat/net/curl_handles.hpp"

namespace kbeat::net {
namespace {

bool has_part(CURLU* url, CURLUPart part) {
  CurlString text;
  return curl_url_get(url, part, &text.text, 0) == CURLUE_OK;
}

bool is_http(CURLU* url) {
  CurlString scheme;
  if (curl_url_get(url, CURLUPART_SCHEME, &scheme.text, 0) != CURLUE_OK) return false;
  const std::string_view name = scheme.text;
  return name == "http" || name == "https";
}

}  // namespace

std::optional<std::string> fault_of_http_url(const std::string& url) {
  const CurlUrl parsed(curl_url());
  const CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME);
  if (code != CURLUE_OK) return curl_url_strerror(code);
  if (!is_http(parsed.get())) return "only http:// and https:// URLs are fetched";
  if (has_part(parsed.get(), CURLUPART_USER) || has_part(parsed.get(), CURLUPART_PASSWORD)) {
    return "it holds a user name or password";
  }
  if (!has_part(parsed.get(), CURLUPART_HOST)) return "it names no host";
  return std::nullopt;
}

}  // namespace kbeat::net
