// One poll over a child's pipes, its end and the request to stop.
#include "kbeat/base/bounded_child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "kbeat/base/child_process.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat {
namespace {

constexpr std::size_t k_longest_output = 16 << 20;
constexpr std::size_t k_longest_faults = 4096;
constexpr std::size_t k_longest_told = 500;  ///< of the faults, in a message

/// Takes what the pipe holds; false when `text` would become longer than `limit`.
bool drain(int pipe, std::string& text, std::size_t limit) {
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t got = read(pipe, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    const std::size_t room = limit - text.size();
    text.append(buffer.data(), std::min(static_cast<std::size_t>(got), room));
    if (static_cast<std::size_t>(got) > room) return false;
  }
}

/// Hands on what the pipe holds.
void drain(int pipe, const std::function<void(std::string_view)>& sink) {
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t got = read(pipe, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    sink({buffer.data(), static_cast<std::size_t>(got)});
  }
}

/// The ends of the child that are read here.
struct ReadEnds {
  int output;
  int faults;
  const std::function<void(std::string_view)>& sink;
};

/// A descriptor that is ready once the child is to stop, and how long it may go on then.
struct StopRequest {
  int descriptor;
  Milliseconds grace;
};

/// Reads until the child is gone or has to go.
ChildEnd watch(const ChildProcess& child, ReadEnds ends, StopRequest stop, SteadyTime deadline,
               ChildReport& report) {
  ChildEnd at_deadline = ChildEnd::timed_out;
  std::array<pollfd, 4> watched{{{child.end(), POLLIN, 0},
                                 {stop.descriptor, POLLIN, 0},
                                 {ends.output, POLLIN, 0},
                                 {ends.faults, POLLIN, 0}}};
  for (;;) {
    const int left = milliseconds_until(deadline);
    const int ready = poll(watched.data(), watched.size(), left);
    const bool gone = watched[0].revents != 0;
    if (ends.sink) {
      drain(ends.output, ends.sink);
    } else if (!drain(ends.output, report.output, k_longest_output)) {
      return ChildEnd::too_much;
    }
    drain(ends.faults, report.faults, k_longest_faults);
    if (gone) return ChildEnd::exited;
    if (watched[1].revents != 0) {
      watched[1] = {-1, 0, 0};
      at_deadline = ChildEnd::stopped;
      deadline = std::min(deadline, std::chrono::steady_clock::now() + stop.grace);
    }
    if ((ready == 0 || at_deadline == ChildEnd::stopped) && milliseconds_until(deadline) == 0)
      return at_deadline;
    // A pipe that the child closed early would be ready for ever.
    for (pollfd& pipe : watched) {
      if ((pipe.revents & POLLHUP) != 0 && (pipe.revents & POLLIN) == 0) pipe.fd = -1;
    }
  }
}

std::string way_of_end(const ChildReport& report) {
  if (report.end == ChildEnd::timed_out) return "did not end in time";
  if (report.end == ChildEnd::stopped) return "was stopped";
  if (report.end == ChildEnd::too_much) return "wrote too much";
  if (WIFSIGNALED(report.status)) return fmt::format("was ended by signal {}", WTERMSIG(report.status));
  return fmt::format("ended with {}", WEXITSTATUS(report.status));
}

}  // namespace

ChildReport run_child(const BoundedCommand& command, SteadyTime deadline, const std::stop_token& stop) {
  Pipe output;
  Pipe faults;
  fcntl(output.read.number(), F_SETFL, O_NONBLOCK);
  fcntl(faults.read.number(), F_SETFL, O_NONBLOCK);
  const Descriptor stopping(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (stopping.number() < 0) throw Error(ErrorCode::io, "cannot make an eventfd", Retryable::yes);
  ChildProcess child({.words = command.words,
                      .environment = command.environment,
                      .input = command.input,
                      .output = output.write.number(),
                      .faults = faults.write.number()});
  output.write.reset();
  faults.write.reset();
  const std::stop_callback on_stop(stop, [&] { (void)eventfd_write(stopping.number(), 1); });
  ChildReport report;
  report.end = watch(child, {output.read.number(), faults.read.number(), command.sink},
                     {stopping.number(), command.grace}, deadline, report);
  report.status = child.kill_and_reap();
  return report;
}

std::string end_text(const ChildReport& report) {
  std::string_view faults = report.faults;
  while (!faults.empty() && (faults.back() == '\n' || faults.back() == '\r')) faults.remove_suffix(1);
  return way_of_end(report) + (faults.empty() ? "" : ": " + clean_utf8(faults, k_longest_told));
}

int milliseconds_until(SteadyTime deadline) {
  const auto left = deadline - std::chrono::steady_clock::now();
  if (left <= SteadyTime::duration::zero()) return 0;
  const auto rounded =
      std::chrono::ceil<Milliseconds>(std::min<SteadyTime::duration>(left, std::chrono::hours(1)));
  return static_cast<int>(rounded.count());
}

}  // namespace kbeat
