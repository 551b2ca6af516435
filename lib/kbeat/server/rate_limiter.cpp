// How many requests a second one address may send: a bucket of tokens each.
#include "kbeat/server/rate_limiter.hpp"

#include <algorithm>
#include <cmath>

namespace kbeat::server {
namespace {

/// Addresses that are quiet for long are full again, so nothing is lost when they are forgotten.
constexpr std::size_t k_most_addresses = 100'000;

double seconds_between(SteadyTime from, SteadyTime to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

std::optional<std::chrono::seconds> RateLimiter::refuse(const std::string& address, SteadyTime now) {
  if (m_per_second <= 0) return std::nullopt;
  const double most = std::max(m_per_second, 1.0);
  const std::lock_guard lock(m_mutex);
  if (m_buckets.size() >= k_most_addresses) {
    std::erase_if(m_buckets, [&](const auto& entry) {
      return seconds_between(entry.second.filled, now) * m_per_second >= most;
    });
  }
  const auto [entry, is_new] = m_buckets.try_emplace(address, Bucket{most, now});
  Bucket& bucket = entry->second;
  if (!is_new) {
    bucket.tokens = std::min(most, bucket.tokens + seconds_between(bucket.filled, now) * m_per_second);
    bucket.filled = now;
  }
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::nullopt;
  }
  const double wait = (1 - bucket.tokens) / m_per_second;
  return std::chrono::seconds(std::max(1, static_cast<int>(std::ceil(wait))));
}

}  // namespace kbeat::server
