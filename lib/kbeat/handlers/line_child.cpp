// One poll over both pipes, the child's end and the request to stop.
#include "kbeat/handlers/line_child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "kbeat/base/bounded_child.hpp"
#include "kbeat/base/error.hpp"

namespace kbeat::handlers {
namespace {

constexpr std::size_t k_longest_line = 16 << 20;

bool ends_within(int end, int milliseconds) {
  pollfd watched{end, POLLIN, 0};
  return poll(&watched, 1, milliseconds) > 0;
}

}  // namespace

/// What one exchange has to do.
struct LineChild::Turn {
  std::string_view rest;  ///< of the line, not yet written
  int stop = -1;
};

LineChild::LineChild(const std::vector<std::string>& command, const std::vector<std::string>& environment) {
  m_child = std::make_unique<ChildProcess>(ChildCommand{.words = command,
                                                        .environment = environment,
                                                        .input = m_to.read.number(),
                                                        .output = m_from.write.number()});
  m_to.read.reset();
  m_from.write.reset();
  fcntl(m_to.write.number(), F_SETFL, O_NONBLOCK);
  fcntl(m_from.read.number(), F_SETFL, O_NONBLOCK);
}

LineChild::~LineChild() {
  constexpr int k_patience_ms = 2000;
  m_to.write.reset();
  if (m_child->end() < 0 || ends_within(m_child->end(), k_patience_ms)) return;
  m_child->ask_to_end();
  ends_within(m_child->end(), k_patience_ms / 2);
}

bool LineChild::is_gone() const {
  return ends_within(m_child->end(), 0);
}

/// False when the child does not read any more.
bool LineChild::write_some(Turn& turn) {
  while (!turn.rest.empty()) {
    const ssize_t written = write(m_to.write.number(), turn.rest.data(), turn.rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno == EAGAIN;
    turn.rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// An end, when one was reached.
std::optional<ExchangeEnd> LineChild::read_some() {
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t got = read(m_from.read.number(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return ExchangeEnd::died;
    m_read.append(buffer.data(), static_cast<std::size_t>(got));
    const std::size_t newline = m_read.find('\n');
    if (newline != std::string::npos)
      return newline + 1 == m_read.size() ? ExchangeEnd::answered : ExchangeEnd::protocol;
    if (m_read.size() > k_longest_line) return ExchangeEnd::protocol;
  }
}

ExchangeEnd LineChild::converse(Turn& turn, SteadyTime deadline) {
  for (;;) {
    std::array<pollfd, 4> watched{{{m_from.read.number(), POLLIN, 0},
                                   {m_child->end(), POLLIN, 0},
                                   {turn.stop, POLLIN, 0},
                                   {turn.rest.empty() ? -1 : m_to.write.number(), POLLOUT, 0}}};
    const int ready = poll(watched.data(), watched.size(), milliseconds_until(deadline));
    if (const auto end = read_some()) return *end;
    if (watched[1].revents != 0) return ExchangeEnd::died;
    if (watched[2].revents != 0) return ExchangeEnd::stopped;
    if (ready == 0 && milliseconds_until(deadline) == 0) return ExchangeEnd::timed_out;
    if (watched[3].revents != 0 && !write_some(turn)) return ExchangeEnd::died;
  }
}

Exchange LineChild::exchange(std::string_view line, SteadyTime deadline, const std::stop_token& stop) {
  const Descriptor stopping(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (stopping.number() < 0) throw Error(ErrorCode::io, "cannot make an eventfd", Retryable::yes);
  const std::stop_callback on_stop(stop, [&] { (void)eventfd_write(stopping.number(), 1); });
  m_read.clear();
  Turn turn{.rest = line, .stop = stopping.number()};
  Exchange exchange{.end = converse(turn, deadline), .answer = {}, .status = 0};
  if (exchange.end == ExchangeEnd::answered) {
    m_read.pop_back();
    exchange.answer = std::move(m_read);
    return exchange;
  }
  constexpr int k_last_words_ms = 200;
  if (exchange.end == ExchangeEnd::died) ends_within(m_child->end(), k_last_words_ms);
  exchange.status = m_child->kill_and_reap();
  return exchange;
}

}  // namespace kbeat::handlers
