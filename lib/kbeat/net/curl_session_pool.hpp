// Sessions that are not in use, so that their connections are used again.
#pragma once

#include <mutex>
#include <vector>

#include "kbeat/net/curl_handles.hpp"

namespace kbeat::net {

/// Starts libcurl once a process. Throws Error{internal} when it refuses.
void start_curl();

/// Safe to call from several threads.
class CurlSessionPool {
 public:
  [[nodiscard]] CurlSession take();
  void give_back(CurlSession session);

 private:
  std::mutex m_mutex;  ///< guards m_idle
  std::vector<CurlSession> m_idle;
};

}  // namespace kbeat::net
