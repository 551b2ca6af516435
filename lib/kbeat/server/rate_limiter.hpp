// How many requests a second one address may send: a bucket of tokens each.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "kbeat/base/clock.hpp"

namespace kbeat::server {

/// Any thread.
class RateLimiter {
 public:
  /// As many at once as there may be in a second; 0 limits nothing.
  explicit RateLimiter(double per_second) : m_per_second(per_second) {}

  /// Counts one request; for one too many, after how many seconds it may come again.
  [[nodiscard]] std::optional<std::chrono::seconds> refuse(const std::string& address, SteadyTime now);

 private:
  struct Bucket {
    double tokens = 0;
    SteadyTime filled;
  };

  double m_per_second;
  std::mutex m_mutex;
  std::unordered_map<std::string, Bucket> m_buckets;
};

}  // namespace kbeat::server
