// One client of a live stream: frames out in few writes, control frames answered, slowness bounded.
#include "kbeat/server/live_client.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace kbeat::server {
namespace {

constexpr std::size_t k_frames_a_write = 128;
/// More frames are not added to a write beyond this: what is written is not to be all that may wait, and a
/// write's end shows that the client reads.
constexpr std::size_t k_bytes_a_write = 64u << 10;
constexpr Milliseconds k_goodbye{5000};
constexpr Milliseconds k_ping_window{1000};
constexpr int k_most_pings = 200;  ///< in a window

}  // namespace

Frame make_frame(std::string bytes, std::optional<FrameOrigin> origin) {
  return std::make_shared<const FrameBytes>(FrameBytes{std::move(bytes), origin});
}

LiveClient::LiveClient(Loop& loop, std::shared_ptr<Link> link, LiveStart::Form form)
    : m_loop(loop),
      m_link(std::move(link)),
      m_form(form),
      m_reader(m_limits.longest_message),
      m_heard(steady_now()),
      m_said(m_heard) {}

bool LiveClient::has_room() const {
  return m_queue.size() + m_in_flight.size() < m_limits.frames && m_bytes < m_limits.bytes;
}

void LiveClient::push(Frame frame) {
  m_bytes += frame->bytes.size();
  m_queue.push_back(std::move(frame));
}

Offered LiveClient::offer(const Frame& frame) {
  if (m_state != State::open) return Offered::refused;
  if (!has_room() && m_limits.slow == SlowPolicy::close) {
    close_as_slow({&frame, 1});
    return Offered::refused;
  }
  // The newest may wait even where a write holds all that the queue may hold.
  while (!has_room() && !m_queue.empty()) {
    m_bytes -= m_queue.front()->bytes.size();
    drop(m_queue.front());
    m_queue.pop_front();
  }
  push(frame);
  if (has_room()) return Offered::queued;
  flush();
  if (!m_behind_since && !has_room()) m_behind_since = steady_now();
  return Offered::queued;
}

bool LiveClient::is_worth_waiting_for(SteadyTime now) const {
  return m_state == State::open && m_behind_since && !has_room() &&
         now - m_writing_since < m_limits.takes_nothing && now - *m_behind_since < m_limits.catches_up;
}

/// Of the frames only records count.
void LiveClient::drop(const Frame& frame) {
  if (!frame->origin) return;
  ++m_dropped;
  ++m_tally->dropped;
}

/// What waits would hold the goodbye back, which tells a client where to come again.
void LiveClient::close_as_slow(std::span<const Frame> more) {
  if (m_state != State::open) return;
  std::vector<Frame> unsent(m_queue.begin(), m_queue.end());
  unsent.insert(unsent.end(), more.begin(), more.end());
  for (const Frame& waiting : m_queue) m_bytes -= waiting->bytes.size();
  m_queue.clear();
  for (const Frame& lost : unsent) drop(lost);
  ++m_tally->closed_slow;
  std::string reason = fmt::format("too slow: {} not sent", m_dropped);
  if (m_where_to_go_on) reason += m_where_to_go_on(unsent);
  close(k_close_try_again, reason);
}

void LiveClient::flush() {
  while (!m_writing && !m_queue.empty() && m_state != State::ended) {
    std::array<std::string_view, k_frames_a_write> pieces;
    std::size_t count = 0;
    std::size_t bytes = 0;
    while (count < pieces.size() && bytes < k_bytes_a_write && !m_queue.empty()) {
      m_in_flight.push_back(std::move(m_queue.front()));
      m_queue.pop_front();
      pieces[count] = m_in_flight[count]->bytes;
      bytes += pieces[count].size();
      ++count;
    }
    m_said = steady_now();
    m_writing = m_link->write({pieces.data(), count}) == Written::later;
    if (m_writing) {
      m_writing_since = m_said;
      return;
    }
    note_sent();
  }
  if (!m_writing) m_behind_since.reset();
  finish_if_said();
}

void LiveClient::note_sent() {
  std::uint64_t records = 0;
  for (const Frame& sent : m_in_flight) {
    m_bytes -= sent->bytes.size();
    if (sent->origin) ++records;
  }
  m_tally->delivered += records;
  m_in_flight.clear();
}

void LiveClient::on_written() {
  note_sent();
  m_writing = false;
  flush();
}

void LiveClient::close(std::uint16_t code, std::string_view reason) {
  if (m_state != State::open) return;
  m_state = State::closing;
  m_close_by = steady_now() + k_goodbye;
  if (m_form == LiveStart::Form::web_socket) push(make_frame(close_frame(code, reason)));
  m_close_queued = true;
  flush();
}

/// The connection ends when all is said and the other side has said goodbye, or has none to say.
void LiveClient::finish_if_said() {
  const bool all_said = m_close_queued && m_queue.empty() && !m_writing;
  if (all_said && (m_peer_closed || m_form == LiveStart::Form::event_stream)) end();
}

void LiveClient::end() {
  if (m_state == State::ended) return;
  m_state = State::ended;
  m_queue.clear();
  m_in_flight.clear();
  m_on_message = nullptr;
  m_where_to_go_on = nullptr;
  m_link->close();
  for (const auto& call : std::exchange(m_on_end, {})) call();
}

void LiveClient::on_gone() {
  end();
}

void LiveClient::on_bytes(std::string_view bytes) {
  m_heard = steady_now();
  if (m_form == LiveStart::Form::web_socket) {
    m_reader.append(bytes);
    while (m_state != State::ended && !m_peer_closed) {
      auto next = m_reader.next();
      if (std::holds_alternative<NeedMore>(next)) break;
      if (const auto* fault = std::get_if<WebSocketFault>(&next)) {
        m_peer_closed = true;  // nothing that it says can be understood any more
        close(fault->code, fault->reason);
        return finish_if_said();
      }
      take(std::get<WebSocketMessage>(next));
    }
  }
  if (m_state != State::ended) m_link->read();
}

void LiveClient::take(const WebSocketMessage& message) {
  switch (message.opcode) {
    case Opcode::ping: return take_ping(message.payload);
    case Opcode::close: return take_close(message.payload);
    case Opcode::text:
    case Opcode::binary:
      if (m_state == State::open && m_on_message) m_on_message(message);
      return;
    case Opcode::continuation:
    case Opcode::pong: return;
  }
}

void LiveClient::take_ping(const std::string& payload) {
  if (m_heard - m_pings_since > k_ping_window) {
    m_pings_since = m_heard;
    m_pings = 0;
  }
  if (++m_pings > k_most_pings) return close(k_close_policy, "too many pings");
  // A client that does not read its pongs gets no more of them.
  if (m_state == State::open && has_room()) push(make_frame(frame(Opcode::pong, payload)));
  flush();
}

void LiveClient::take_close(const std::string& payload) {
  m_peer_closed = true;
  const auto code = read_close(payload);
  if (const auto* fault = std::get_if<WebSocketFault>(&code)) {
    close(fault->code, fault->reason);
  } else if (m_state == State::open) {
    m_state = State::closing;
    m_close_by = steady_now() + k_goodbye;
    m_close_queued = true;
    push(make_frame(frame(Opcode::close, std::string_view(payload).substr(0, 2))));
    flush();
  }
  finish_if_said();
}

void LiveClient::tick(SteadyTime now) {
  if (m_state == State::ended) return;
  if (m_state == State::closing) {
    if (now >= m_close_by) end();
    return;
  }
  const bool may_be_deaf = m_form == LiveStart::Form::web_socket && !m_limits.text_keepalive;
  if (may_be_deaf && now - m_heard > 3 * m_limits.keepalive) return end();
  if (m_writing && m_limits.slow == SlowPolicy::close && now - m_writing_since > m_limits.stall)
    return close_as_slow();
  if (now - m_said >= m_limits.keepalive && !m_writing) send_keepalive();
}

void LiveClient::send_keepalive() {
  const std::string line =
      fmt::format(R"({{"type":"keepalive","timestamp":"{}"}})", to_rfc3339(SystemClock().now()));
  if (m_form == LiveStart::Form::event_stream) {
    push(
        make_frame(m_limits.text_keepalive ? "event: keepalive\ndata: " + line + "\n\n" : ": keepalive\n\n"));
  } else {
    push(make_frame(m_limits.text_keepalive ? frame(Opcode::text, line) : frame(Opcode::ping, {})));
  }
  flush();
}

}  // namespace kbeat::server
