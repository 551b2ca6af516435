// Loads the network library when the first call needs it.
#include "kbeat/net/http_client.hpp"

#include <mutex>

#include "kbeat/base/plugin.hpp"
#include "kbeat/net/curl_plugin.hpp"

namespace kbeat::net {
namespace {

DownloadPolicy guards_of(const HttpClientPolicy& policy) {
  DownloadPolicy guards;
  guards.private_addresses = policy.private_addresses;
  guards.limits.max_bytes = policy.max_answer;
  guards.limits.connect = policy.connect;
  guards.authorities = policy.authorities;
  guards.limits.low_speed_bytes = 0;  // a server may think for as long as the call's deadline allows
  return guards;
}

class LazyClient final : public HttpClient {
 public:
  explicit LazyClient(const HttpClientPolicy& policy) : m_policy(policy) {}

  HttpResult call(const HttpCall& call) override { return client().call(call); }

 private:
  HttpClient& client() {
    const std::scoped_lock lock(m_mutex);
    if (!m_client)
      m_client.reset(plugin_function<OpenCurlClient>("net", k_open_curl_client)(guards_of(m_policy)));
    return *m_client;
  }

  HttpClientPolicy m_policy;
  std::mutex m_mutex;  ///< guards m_client
  std::unique_ptr<HttpClient> m_client;
};

}  // namespace

std::unique_ptr<HttpClient> open_http_client(const HttpClientPolicy& policy) {
  return std::make_unique<LazyClient>(policy);
}

}  // namespace kbeat::net
