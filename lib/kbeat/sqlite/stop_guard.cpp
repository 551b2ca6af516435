// Keeps Ctrl-Z from stopping the process in the middle of a write, where it would lock all others out.
#include "kbeat/sqlite/stop_guard.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <mutex>

namespace kbeat::sqlite {
namespace {

constexpr int k_stopping = -1;

// A signal handler can be told of the state of the process by nothing but globals: guards alive, or
// k_stopping while the process stops, and whether a stop waits for the last guard.
std::atomic<int> g_guards{0};
std::atomic<bool> g_stop_wanted{false};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

void handle_stop(int signal_number);

void take_over() {
  struct sigaction action {};
  if (sigaction(SIGTSTP, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) return;
  action.sa_handler = handle_stop;
  action.sa_flags = SA_RESTART;
  sigaction(SIGTSTP, &action, nullptr);
}

/// Stops by the default action, not by SIGSTOP: without a shell to continue it, a process does not stop.
/// Safe in a signal handler.
void stop_now() {
  struct sigaction default_action {};
  default_action.sa_handler = SIG_DFL;
  struct sigaction ours {};
  sigaction(SIGTSTP, &default_action, &ours);
  sigset_t only_stop;
  sigset_t before;
  sigemptyset(&only_stop);
  sigaddset(&only_stop, SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &only_stop, &before);
  raise(SIGTSTP);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  sigaction(SIGTSTP, &ours, nullptr);
}

/// Stops unless a guard lives; new guards wait until the process goes on. A signal that comes while it wakes
/// up stops it once more.
void stop_unless_guarded() {
  for (int none = 0; g_stop_wanted && g_guards.compare_exchange_strong(none, k_stopping); none = 0) {
    g_stop_wanted = false;
    stop_now();
    g_guards = 0;
  }
}

void handle_stop(int) {
  g_stop_wanted = true;
  stop_unless_guarded();
}

}  // namespace

StopGuard::StopGuard() {
  static std::once_flag taken;
  std::call_once(taken, take_over);
  int guards = g_guards;
  while (guards == k_stopping || !g_guards.compare_exchange_weak(guards, guards + 1)) {
    if (guards == k_stopping) usleep(1000);
    guards = g_guards;
  }
}

StopGuard::~StopGuard() {
  if (--g_guards == 0 && g_stop_wanted) stop_unless_guarded();
}

}  // namespace kbeat::sqlite
