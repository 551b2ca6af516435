// Sorts URLs by scheme: files from the disk, http by the network library, the rest refused.
#include "kbeat/net/download.hpp"

#include <fmt/format.h>
#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <string_view>
#include <utility>

#include "kbeat/base/plugin.hpp"
#include "kbeat/net/curl_plugin.hpp"
#include "kbeat/net/file_url.hpp"
#include "kbeat/net/redact_url.hpp"

namespace kbeat::net {
namespace {

constexpr std::size_t k_longest_url = 8192;

FetchFailure refusal(const std::string& url, std::string_view reason) {
  return {Error(ErrorCode::bad_input, fmt::format("refused to fetch {}: {}", redact_url(url), reason)),
          std::nullopt};
}

bool has_scheme(std::string_view url, std::string_view scheme) {
  return url.size() > scheme.size() && strncasecmp(url.data(), scheme.data(), scheme.size()) == 0;
}

bool is_plain(char c) {
  return static_cast<unsigned char>(c) > 0x20 && c != 0x7F;
}

/// Opens the real downloader when the first URL needs it.
class SchemeSwitch final : public Downloader {
 public:
  explicit SchemeSwitch(const DownloadPolicy& policy) : m_policy(policy) {}

  Fetched fetch(const std::string& url, SteadyTime deadline, std::stop_token stop) override {
    if (url.size() > k_longest_url)
      return refusal(url, fmt::format("it is longer than {} bytes", k_longest_url));
    if (!std::all_of(url.begin(), url.end(), is_plain))
      return refusal(url, "it has spaces or control characters");
    if (is_file_url(url)) return fetch_file(url);
    if (!has_scheme(url, "http://") && !has_scheme(url, "https://")) {
      return refusal(url, "only http:// and https:// URLs are fetched");
    }
    return http().fetch(url, deadline, std::move(stop));
  }

 private:
  [[nodiscard]] Fetched fetch_file(const std::string& url) const {
    if (m_policy.file_urls == Allowed::yes) return open_file_url(url, m_policy.limits.max_bytes);
    return refusal(url, "file: URLs need --allow-file-urls");
  }

  Downloader& http() {
    const std::scoped_lock lock(m_mutex);
    if (!m_http) m_http.reset(plugin_function<OpenCurlDownloader>("net", k_open_curl_downloader)(m_policy));
    return *m_http;
  }

  DownloadPolicy m_policy;
  std::mutex m_mutex;  ///< guards m_http
  std::unique_ptr<Downloader> m_http;
};

}  // namespace

FetchedFile::FetchedFile(FetchedFile&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1)) {}

FetchedFile& FetchedFile::operator=(FetchedFile&& other) noexcept {
  std::swap(m_descriptor, other.m_descriptor);
  return *this;
}

FetchedFile::~FetchedFile() {
  if (m_descriptor >= 0) close(m_descriptor);
}

std::unique_ptr<Downloader> open_downloader(const DownloadPolicy& policy) {
  return std::make_unique<SchemeSwitch>(policy);
}

}  // namespace kbeat::net
