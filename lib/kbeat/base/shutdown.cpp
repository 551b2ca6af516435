// A thread in sigwait that turns signals into a stop request.
#include "kbeat/base/shutdown.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <mutex>
#include <thread>
#include <utility>

namespace kbeat {

struct Shutdown::State {
  std::stop_source source;
  std::atomic<int> signal{0};
  sigset_t waited{};
  std::mutex mutex;  ///< of the call
  std::function<void()> hangup;
  std::jthread thread;
};

namespace {

constexpr int k_wake = SIGUSR2;

bool is_ignored(int number) {
  struct sigaction now {};
  return sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

sigset_t signals_waited_for() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (!is_ignored(SIGHUP)) sigaddset(&set, SIGHUP);
  sigaddset(&set, k_wake);
  return set;
}

}  // namespace

/// False when nobody wants to know of it.
bool Shutdown::hang_up(State& state) {
  const std::lock_guard lock(state.mutex);
  if (!state.hangup) return false;
  state.hangup();
  return true;
}

void Shutdown::on_hangup(std::function<void()> call) const {
  const std::lock_guard lock(m_state->mutex);
  m_state->hangup = std::move(call);
}

Shutdown::Shutdown() : m_state(new State) {
  m_state->waited = signals_waited_for();
  pthread_sigmask(SIG_BLOCK, &m_state->waited, nullptr);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, nullptr);
  sigaction(SIGXFSZ, &ignore, nullptr);  // a file at its size limit is an error of the write
  m_state->thread = std::jthread([state = m_state](std::stop_token ended) {
    while (!ended.stop_requested()) {
      int number = 0;
      if (sigwait(&state->waited, &number) != 0 || number == k_wake) continue;
      if (number == SIGHUP && hang_up(*state)) continue;
      if (state->signal.load() != 0) _exit(128 + number);
      state->signal.store(number);
      state->source.request_stop();
    }
  });
}

Shutdown::~Shutdown() {
  m_state->thread.request_stop();
  pthread_kill(m_state->thread.native_handle(), k_wake);
  m_state->thread.join();
  // The signals stay blocked: one that comes now must not kill a process that is done with its work.
  delete m_state;
}

std::stop_token Shutdown::token() const {
  return m_state->source.get_token();
}

int Shutdown::signal() const {
  return m_state->signal.load();
}

}  // namespace kbeat
