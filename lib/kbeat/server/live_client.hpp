// One client of a live stream, over a WebSocket or as server-sent events: a bounded queue of shared frames.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/server/link.hpp"
#include "kbeat/server/router.hpp"
#include "kbeat/server/websocket.hpp"

namespace kbeat::server {

/// The record that a frame carries: its partition, by the feed's number, and its offset there.
struct FrameOrigin {
  std::size_t slot = 0;
  std::int64_t offset = 0;
};

/// Bytes that are ready for the wire. Control frames have no origin.
struct FrameBytes {
  std::string bytes;
  std::optional<FrameOrigin> origin{};
};

/// Shared by all clients that get it.
using Frame = std::shared_ptr<const FrameBytes>;

[[nodiscard]] Frame make_frame(std::string bytes, std::optional<FrameOrigin> origin = std::nullopt);

/// What happens to a client whose queue is full: its oldest frames go, or it is closed with 1013.
enum class SlowPolicy { drop, close };

struct LiveLimits {
  std::size_t frames = 1000;
  std::size_t bytes = 1u << 20;
  SlowPolicy slow = SlowPolicy::drop;
  Milliseconds stall{10'000};      ///< with `close`: how long a write may wait for the client
  Milliseconds takes_nothing{50};  ///< and has no room: it is not waited for
  Milliseconds catches_up{250};    ///< once its queue was full; else it is not waited for any more
  Milliseconds keepalive{60'000};
  bool text_keepalive = false;  ///< a JSON line instead of a ping, for scripts in a browser
  std::size_t longest_message = 1u << 20;
};

enum class Offered { queued, refused };

/// Records since the start, of all clients that share it: each one that was offered to a client which stays
/// is in the end either delivered or dropped. Counted on a loop, read anywhere.
struct LiveTally {
  std::atomic<std::uint64_t> delivered{0};  ///< the socket took them
  std::atomic<std::uint64_t> dropped{0};
  std::atomic<std::uint64_t> closed_slow{0};  ///< clients
};

/// Used on its loop only.
class LiveClient {
 public:
  LiveClient(Loop& loop, std::shared_ptr<Link> link, LiveStart::Form form);

  /// Before the first frame.
  void set_limits(const LiveLimits& limits) { m_limits = limits; }
  /// Counts there from now on.
  void count_in(std::shared_ptr<LiveTally> tally) { m_tally = std::move(tally); }
  /// Each is called once when the client is gone, however that came about.
  void on_end(std::function<void()> call) { m_on_end.push_back(std::move(call)); }
  /// Asked when the client is closed for being slow: words for the goodbye that say where it may go on, since
  /// it does not get these frames any more.
  using WhereToGoOn = std::function<std::string(std::span<const Frame> unsent)>;
  void on_slow(WhereToGoOn call) { m_where_to_go_on = std::move(call); }
  /// Called with each text or binary message; without it they are passed over.
  void on_message(std::function<void(const WebSocketMessage&)> call) { m_on_message = std::move(call); }

  /// Queues a frame; `flush` sends it, and so does this where it fills the queue. Only while the socket has
  /// taken no more since does an older frame have to go, or the client be closed: `refused`.
  Offered offer(const Frame& frame);
  void flush();
  [[nodiscard]] bool has_room() const;
  /// It has no room, but it reads: it will have some in a moment. Never for long: the limits say
  /// when it is slow, and then it is not waited for until it has caught up.
  [[nodiscard]] bool is_worth_waiting_for(SteadyTime now) const;

  /// Says goodbye behind what waits. An event stream just ends.
  void close(std::uint16_t code, std::string_view reason);
  /// Says goodbye at once: what waits is not sent any more. `more` are frames that it would have got besides.
  void close_as_slow(std::span<const Frame> more = {});

  [[nodiscard]] Loop& loop() const { return m_loop; }
  [[nodiscard]] LiveStart::Form form() const { return m_form; }
  [[nodiscard]] bool ended() const { return m_state == State::ended; }

  // From the connection.
  void on_bytes(std::string_view bytes);
  void on_written();
  void on_gone();
  void tick(SteadyTime now);

 private:
  enum class State { open, closing, ended };

  void take(const WebSocketMessage& message);
  void take_ping(const std::string& payload);
  void take_close(const std::string& payload);
  void push(Frame frame);
  void drop(const Frame& frame);
  void note_sent();
  void send_keepalive();
  void finish_if_said();
  void end();

  Loop& m_loop;
  std::shared_ptr<Link> m_link;
  LiveStart::Form m_form;
  LiveLimits m_limits;
  State m_state = State::open;
  WebSocketReader m_reader;
  std::deque<Frame> m_queue;
  std::vector<Frame> m_in_flight;
  std::size_t m_bytes = 0;  ///< queued and in flight
  bool m_writing = false;
  bool m_close_queued = false;
  bool m_peer_closed = false;
  std::uint64_t m_dropped = 0;
  std::shared_ptr<LiveTally> m_tally = std::make_shared<LiveTally>();
  SteadyTime m_heard;  ///< last bytes from the peer
  SteadyTime m_said;   ///< last flush
  SteadyTime m_close_by{};
  SteadyTime m_writing_since{};
  std::optional<SteadyTime> m_behind_since;  ///< the queue was full, and has not been empty since
  SteadyTime m_pings_since{};
  int m_pings = 0;
  std::vector<std::function<void()>> m_on_end;
  std::function<void(const WebSocketMessage&)> m_on_message;
  WhereToGoOn m_where_to_go_on;
};

}  // namespace kbeat::server
