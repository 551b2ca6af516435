// One connection: requests in, responses out, one after the other, until it becomes a live stream or ends.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "kbeat/base/clock.hpp"
#include "kbeat/server/access_guard.hpp"
#include "kbeat/server/http_parser.hpp"
#include "kbeat/server/link.hpp"
#include "kbeat/server/live_client.hpp"
#include "kbeat/server/rate_limiter.hpp"
#include "kbeat/server/router.hpp"
#include "kbeat/server/task_pool.hpp"

namespace kbeat::server {

struct HttpLimits {
  ParserLimits message{};
  std::size_t connections = 20'000;
  std::size_t connections_of_address = 0;  ///< 0: as many as there may be
  Milliseconds header_time{10'000};        ///< from a request's first byte to the end of its header
  Milliseconds body_time{30'000};
  Milliseconds write_time{30'000};
  Milliseconds idle_time{75'000};
};

/// What all connections share; it outlives them.
struct ServerParts {
  const Router& router;
  const AccessGuard& guard;
  TaskPool& pool;
  RateLimiter& rates;
  HttpLimits limits;
  /// Told of each response to a request that a route took: for counters and the audit.
  std::function<void(const HttpRequest&, const Route&, int status)> on_response;
};

/// Used on its loop only, but for the replies of handlers.
class Connection final : public LinkUser, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Loop& loop, std::shared_ptr<Link> link, const ServerParts& parts,
             std::function<void(Connection*)> on_end);
  ~Connection() override;

  void open();
  void on_bytes(std::string_view bytes) override;
  void on_written() override;
  void on_gone() override;

  /// Ends what has taken too long.
  void tick(SteadyTime now);
  /// The server is about to stop: finishes what is in hand, then ends.
  void drain();

 private:
  enum class State { reading, handling, writing, lingering, live, ended };

  void expect_request();
  void linger();
  void read_request();
  [[nodiscard]] bool take_head();
  void begin_request();
  void run_route(const Route& route, HttpRequest request);
  void answer(const Answer& answer);
  void respond(HttpResponse response);
  void refuse(const BadRequest& fault);
  void go_live(const LiveStart& start);
  void write(std::string bytes, State next);
  void begin_write();
  void finish_write();
  void end();

  Loop& m_loop;
  std::shared_ptr<Link> m_link;
  const ServerParts& m_parts;
  std::function<void(Connection*)> m_on_end;
  State m_state = State::reading;
  std::string m_in;
  std::unique_ptr<HttpParser> m_parser;
  std::unique_ptr<HttpRequest> m_request;  ///< while its body comes
  std::unique_ptr<HttpRequest> m_asked;    ///< what is kept of it for the response
  const Route* m_route = nullptr;
  std::string m_out;
  bool m_is_writing = false;
  bool m_close_after = false;
  bool m_draining = false;
  bool m_refused = false;     ///< in the middle of a message, whose rest may still come
  bool m_continued = false;   ///< a 100 was sent
  bool m_continuing = false;  ///< … and is on its way
  bool m_has_head = false;
  SteadyTime m_deadline;
  std::shared_ptr<LiveClient> m_live;
  std::function<void(const std::shared_ptr<LiveClient>&)> m_begin_live;
};

}  // namespace kbeat::server
