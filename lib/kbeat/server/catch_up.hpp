// Brings a client that comes back from where it left off to what comes now, without a gap.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "kbeat/server/stream_hub.hpp"
#include "kbeat/server/task_pool.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::server {

struct CatchUpOptions {
  std::string client_id = "kbeat-stream";
  Milliseconds timeout{10'000};
  std::size_t at_once = 4;  ///< clients that read the past at the same time; others wait
  std::size_t waiting = 1000;
  Milliseconds stall{10'000};  ///< how long a client may take nothing while others wait for its turn
};

/// Each client that resumes has a consumer of its own until it has caught up. The past is read at the
/// client's pace; then, on the client's loop, where records are delivered, the two positions are compared:
/// what came since is read too, until the rest is small enough to hold what comes meanwhile in the client's
/// queue.
class CatchUps {
 public:
  CatchUps(transport::Transport& transport, StreamHub& hub, const CatchUpOptions& options);
  ~CatchUps();

  /// On the client's loop, right after it joined with `catching_up` set.
  void begin(const std::shared_ptr<Subscriber>& subscriber);

 private:
  transport::Transport& m_transport;
  StreamHub& m_hub;
  CatchUpOptions m_options;
  std::stop_source m_stop;
  TaskPool m_pool;  ///< last: its threads use all of the above
};

}  // namespace kbeat::server
