// The HTTP client: one guarded request a call, any status is an answer.
#include <utility>

#include "kbeat/net/curl_plugin.hpp"
#include "kbeat/net/curl_session_pool.hpp"
#include "kbeat/net/curl_transfer.hpp"
#include "kbeat/net/http_url.hpp"
#include "kbeat/net/redact_url.hpp"

namespace kbeat::net {
namespace {

class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(const DownloadPolicy& policy) : m_policy(policy) {}

  HttpResult call(const HttpCall& call) override {
    if (const auto fault = fault_of_http_url(call.url)) {
      return FetchFailure{
          Error(ErrorCode::bad_input, "refused to call " + redact_url(call.url) + ": " + *fault),
          std::nullopt};
    }
    CurlSession session = m_sessions.take();
    HttpAnswer told;
    const HttpRequest request{.url = call.url,
                              .sink = -1,
                              .deadline = call.deadline,
                              .stop = call.stop,
                              .call = &call,
                              .told = &told};
    Answer answer = run_request(session, m_policy, request);
    m_sessions.give_back(std::move(session));
    if (auto* failure = std::get_if<FetchFailure>(&answer)) return std::move(*failure);
    return told;
  }

 private:
  DownloadPolicy m_policy;
  CurlSessionPool m_sessions;
};

}  // namespace
}  // namespace kbeat::net

extern "C" kbeat::net::HttpClient* kbeat_open_curl_client(const kbeat::net::DownloadPolicy& policy) {
  kbeat::net::start_curl();
  return new kbeat::net::CurlClient(policy);
}
