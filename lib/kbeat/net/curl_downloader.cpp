// The downloader for http and https: follows redirects by hand, each checked like the first URL.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "kbeat/net/curl_plugin.hpp"
#include "kbeat/net/curl_session_pool.hpp"
#include "kbeat/net/curl_transfer.hpp"
#include "kbeat/net/http_url.hpp"
#include "kbeat/net/redact_url.hpp"
#include "kbeat/net/temporary_file.hpp"

namespace kbeat::net {
namespace {

std::filesystem::path temporary_folder() {
  std::error_code failure;
  std::filesystem::path folder = std::filesystem::temp_directory_path(failure);
  return failure ? std::filesystem::path("/tmp") : folder;
}

FetchFailure refusal(const std::string& url, const std::string& reason) {
  return {Error(ErrorCode::bad_input, fmt::format("refused to fetch {}: {}", redact_url(url), reason)),
          std::nullopt};
}

class CurlDownloader final : public Downloader {
 public:
  explicit CurlDownloader(const DownloadPolicy& policy) : m_policy(policy), m_folder(temporary_folder()) {
    remove_orphans(m_folder, SystemClock().now());
  }

  Fetched fetch(const std::string& url, SteadyTime deadline, std::stop_token stop) override {
    FetchedFile file = make_temporary_file(m_folder);
    CurlSession session = m_sessions.take();
    const HttpRequest request{.url = url,
                              .sink = file.descriptor(),
                              .deadline = std::min(deadline, SystemClock().steady() + m_policy.limits.total),
                              .stop = std::move(stop)};
    std::optional<FetchFailure> failure = store(session, request);
    m_sessions.give_back(std::move(session));
    if (failure) return *std::move(failure);
    lseek(file.descriptor(), 0, SEEK_SET);
    return file;
  }

 private:
  /// Asks until the body is there; nothing when it is.
  std::optional<FetchFailure> store(CurlSession& session, HttpRequest request) const {
    for (int redirects = 0; redirects <= m_policy.limits.max_redirects; ++redirects) {
      if (const auto fault = fault_of_http_url(request.url)) return refusal(request.url, *fault);
      Answer answer = run_request(session, m_policy, request);
      if (std::holds_alternative<Stored>(answer)) return std::nullopt;
      if (auto* failure = std::get_if<FetchFailure>(&answer)) return std::move(*failure);
      request.url = std::get<Redirected>(answer).url;
    }
    return refusal(request.url,
                   fmt::format("more than {} redirects led there", m_policy.limits.max_redirects));
  }

  DownloadPolicy m_policy;
  std::filesystem::path m_folder;
  CurlSessionPool m_sessions;
};

}  // namespace
}  // namespace kbeat::net

extern "C" kbeat::net::Downloader* kbeat_open_curl_downloader(const kbeat::net::DownloadPolicy& policy) {
  kbeat::net::start_curl();
  return new kbeat::net::CurlDownloader(policy);
}
