// The lock file beside a database: one writer or checkpoint at a time, over threads and processes.
#include "kbeat/sqlite/write_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <system_error>
#include <thread>

#include "kbeat/base/error.hpp"

namespace kbeat::sqlite {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr microseconds k_first_pause{50};
constexpr microseconds k_longest_pause{2000};

/// The turn is a lock of its own on the first byte: who waits for the file holds the turn, so that a
/// writer in a tight loop cannot starve it.
bool set_turn(int file, short type) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_len = 1;
  return fcntl(file, F_OFD_SETLK, &range) == 0;
}

bool lock_now(int file) {
  return flock(file, LOCK_EX | LOCK_NB) == 0;
}

/// Tries until `deadline`, with pauses that grow. A blocking call could not be bounded.
template <typename Try>
bool keep_trying(steady_clock::time_point deadline, Try attempt) {
  microseconds pause = k_first_pause;
  while (!attempt()) {
    if (steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, k_longest_pause);
  }
  return true;
}

/// The letter of the process's state in /proc, e.g. T for stopped; blank when there is no such process.
char process_state(int pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string text;
  std::getline(file, text);
  const auto name_end = text.rfind(')');
  return name_end == std::string::npos || name_end + 2 >= text.size() ? ' ' : text[name_end + 2];
}

int read_pid(int file) {
  std::array<char, 24> text{};
  const ssize_t length = pread(file, text.data(), text.size(), 0);
  int pid = 0;
  if (length > 0) std::from_chars(text.data(), text.data() + length, pid);
  return pid;
}

}  // namespace

WriteLock::WriteLock(const std::filesystem::path& database) : m_path(database) {
  m_path += ".lock";
  m_file = Descriptor(open(m_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (m_file.number() >= 0) return;
  const std::string cause = std::system_category().message(errno);
  throw Error(ErrorCode::database, fmt::format("cannot open the lock file {}: {}", m_path.string(), cause));
}

void WriteLock::acquire(Milliseconds patience) {
  if (m_held)
    throw Error(ErrorCode::internal, fmt::format("{} is held by this connection already", m_path.string()));
  m_held.emplace();
  const int file = m_file.number();
  const auto deadline = steady_clock::now() + patience;
  if (!keep_trying(deadline, [&] { return set_turn(file, F_WRLCK); })) {
    m_held.reset();
    throw Error(ErrorCode::busy, describe_holder(), Retryable::yes);
  }
  const bool locked = keep_trying(deadline, [&] { return lock_now(file); });
  set_turn(file, F_UNLCK);
  if (locked) return note_holder();
  m_held.reset();
  throw Error(ErrorCode::busy, describe_holder(), Retryable::yes);
}

bool WriteLock::try_acquire() {
  if (m_held) return false;
  m_held.emplace();
  if (lock_now(m_file.number())) {
    note_holder();
    return true;
  }
  m_held.reset();
  return false;
}

void WriteLock::release() {
  if (!m_held) return;
  flock(m_file.number(), LOCK_UN);
  m_held.reset();
}

void WriteLock::note_holder() {
  const int self = getpid();
  if (read_pid(m_file.number()) == self) return;
  // Only a courtesy for the message of those who wait in vain, so a full disk does not matter.
  const std::string line = fmt::format("{:<10}\n", self);
  [[maybe_unused]] const ssize_t written = pwrite(m_file.number(), line.data(), line.size(), 0);
}

std::string WriteLock::describe_holder() const {
  const int pid = read_pid(m_file.number());
  if (pid == 0) return fmt::format("{} is held by another program", m_path.string());
  const char state = process_state(pid);
  if (state == 'T' || state == 't') {
    return fmt::format("{} is held by process {}, which is stopped: continue it (kill -CONT {}) or end it",
                       m_path.string(), pid, pid);
  }
  return fmt::format("{} is held by process {}: wait until it is done, or end it", m_path.string(), pid);
}

}  // namespace kbeat::sqlite
