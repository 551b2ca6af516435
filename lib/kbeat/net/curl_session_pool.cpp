// A short stack of idle sessions.
#include "kbeat/net/curl_session_pool.hpp"

#include <fmt/format.h>

#include <utility>

#include "kbeat/base/error.hpp"

namespace kbeat::net {
namespace {

constexpr std::size_t k_idle_sessions = 8;

}  // namespace

void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started == CURLE_OK) return;
  throw Error(ErrorCode::internal, fmt::format("cannot start libcurl: {}", curl_easy_strerror(started)));
}

CurlSession CurlSessionPool::take() {
  const std::scoped_lock lock(m_mutex);
  if (m_idle.empty()) return {};
  CurlSession session = std::move(m_idle.back());
  m_idle.pop_back();
  return session;
}

void CurlSessionPool::give_back(CurlSession session) {
  const std::scoped_lock lock(m_mutex);
  if (m_idle.size() < k_idle_sessions) m_idle.push_back(std::move(session));
}

}  // namespace kbeat::net
