// Keeps Ctrl-Z from stopping the process in the middle of a write, where it would lock all others out.
#pragma once

namespace kbeat::sqlite {

/// While one lives, in any thread, SIGTSTP is only noted; the process stops when the last one is gone.
/// The first one made takes over SIGTSTP, unless the program ignores or handles it itself.
/// SIGSTOP cannot be held off: the lock file names who was stopped.
class StopGuard {
 public:
  StopGuard();
  StopGuard(const StopGuard&) = delete;
  StopGuard& operator=(const StopGuard&) = delete;
  ~StopGuard();
};

}  // namespace kbeat::sqlite
