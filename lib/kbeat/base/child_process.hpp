// A child process of ours: made by posix_spawn, in a group of its own, gone when its owner is.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <vector>

#include "kbeat/base/descriptor.hpp"

namespace kbeat {

/// What to run. The descriptors are lent; each becomes one of the child's standard ones and no other is open.
struct ChildCommand {
  std::vector<std::string> words;        ///< program and arguments; without a slash PATH is searched
  std::vector<std::string> environment;  ///< all of it, `NAME=value`
  int input = -1;
  int output = -1;
  int faults = 2;
};

/// With default signals. Killed with its whole group and reaped unless it was seen to end. For one thread.
class ChildProcess {
 public:
  /// Throws Error{io}, retryable, naming the program.
  explicit ChildProcess(const ChildCommand& command);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  /// Readable once the child is gone.
  [[nodiscard]] int end() const { return m_end.number(); }
  /// SIGTERM to the group.
  void ask_to_end() const;
  /// Kills what is left of the group; the child's status as of waitpid.
  int kill_and_reap();

 private:
  pid_t m_pid = -1;
  Descriptor m_end;
};

/// `NAME=value` of those of our own variables that are set.
[[nodiscard]] std::vector<std::string> inherited_environment(std::span<const std::string> names);

/// True for the signals that a process brings upon itself (SEGV, ABRT, BUS, FPE, ILL, SYS, TRAP).
[[nodiscard]] bool is_own_making(int signal);

}  // namespace kbeat
