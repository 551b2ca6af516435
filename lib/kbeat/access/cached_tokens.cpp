// One token at a time.
#include "kbeat/access/cached_tokens.hpp"

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"

namespace kbeat::access {

CachedTokens::CachedTokens(std::unique_ptr<transport::TokenSource> source, Clock& clock)
    : m_source(std::move(source)), m_clock(clock) {}

transport::Token CachedTokens::token() {
  constexpr Milliseconds k_least_left{5'000};
  const std::scoped_lock lock(m_mutex);
  const WallTime now = m_clock.now();
  if (m_token && now < m_renew_at) return *m_token;
  try {
    m_token = m_source->token();
    m_renew_at = now + (m_token->expires - now) * 7 / 10;
  } catch (const Error& error) {
    if (!m_token || m_token->expires - now < k_least_left) throw;
    log_warning("{}; the former token serves until {}", error.what(), to_rfc3339(m_token->expires));
  }
  return *m_token;
}

}  // namespace kbeat::access
