// A child process with a limit on everything: its time, its output, its life.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/base/clock.hpp"

namespace kbeat {

enum class ChildEnd {
  exited,     ///< by itself, or by a signal
  timed_out,  ///< killed at the deadline
  stopped,    ///< killed since it was asked to stop
  too_much,   ///< killed since it wrote more than it may
};

struct ChildReport {
  ChildEnd end = ChildEnd::exited;
  int status = 0;      ///< as of waitpid, when it exited
  std::string output;  ///< at most 16 MiB
  std::string faults;  ///< the first 4 KiB of its stderr
};

/// What to run: `words` and `environment` as in ChildCommand, `input` is lent as its descriptor 0.
struct BoundedCommand {
  std::vector<std::string> words;
  std::vector<std::string> environment;
  int input = -1;
  /// Takes the output as it comes, all of it; nothing: it is gathered in the report.
  std::function<void(std::string_view)> sink = nullptr;
  /// How long it may go on when it is asked to stop: for work that is not to be left half done.
  Milliseconds grace{0};
};

/// Returns when the child is gone, which is soon after `deadline`, or a request to stop and the grace, at the
/// latest. Throws a retryable Error{io} when it cannot be started.
[[nodiscard]] ChildReport run_child(const BoundedCommand& command, SteadyTime deadline,
                                    const std::stop_token& stop);

/// How it ended, and what it said on stderr: `ended with 3: no paper`.
[[nodiscard]] std::string end_text(const ChildReport& report);

/// Whole milliseconds until `deadline`, at most an hour; 0 when it is past. For poll().
[[nodiscard]] int milliseconds_until(SteadyTime deadline);

}  // namespace kbeat
