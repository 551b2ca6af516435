// Owners of libcurl's objects; the only header of ours that knows curl.
#pragma once

#include <curl/curl.h>

#include "kbeat/base/handle.hpp"

namespace kbeat::net {

using CurlEasy = Handle<CURL, curl_easy_cleanup>;
using CurlMulti = Handle<CURLM, curl_multi_cleanup>;
using CurlList = Handle<curl_slist, curl_slist_free_all>;
using CurlUrl = Handle<CURLU, curl_url_cleanup>;

struct CurlString {
  char* text = nullptr;
  CurlString() = default;
  CurlString(const CurlString&) = delete;
  CurlString& operator=(const CurlString&) = delete;
  ~CurlString() { curl_free(text); }
};

/// What one fetch at a time uses; kept afterwards, so that connections to the same server are used again.
struct CurlSession {
  CurlMulti multi{curl_multi_init()};
  CurlEasy easy{curl_easy_init()};  ///< after `multi`, so that it goes first
};

}  // namespace kbeat::net
