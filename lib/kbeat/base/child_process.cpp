// posix_spawn with everything that a child must not inherit taken away.
#include "kbeat/base/child_process.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include "kbeat/base/error.hpp"

namespace kbeat {
namespace {

constexpr std::array k_own_making{SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSYS, SIGTRAP};

Error cannot_start(std::string_view program, std::string_view step, int error) {
  return {ErrorCode::io,
          fmt::format("cannot start {}: {}: {}", program, step, std::generic_category().message(error)),
          Retryable::yes};
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct SpawnSettings {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};

  explicit SpawnSettings(const ChildCommand& command) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, command.input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, command.output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, command.faults, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }
};

pid_t spawn(const ChildCommand& command) {
  std::vector<std::string> words = command.words;
  std::vector<std::string> environment = command.environment;
  const std::vector<char*> argv = pointers_to(words);
  const std::vector<char*> envp = pointers_to(environment);
  const SpawnSettings settings(command);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, words.front().c_str(), &settings.actions, &settings.attributes,
                                 argv.data(), envp.data());
  if (error != 0) throw cannot_start(words.front(), "posix_spawn", error);
  return pid;
}

}  // namespace

ChildProcess::ChildProcess(const ChildCommand& command)
    : m_pid(spawn(command)), m_end(static_cast<int>(syscall(SYS_pidfd_open, m_pid, 0))) {
  if (m_end.number() >= 0) return;
  const int error = errno;
  kill_and_reap();
  throw cannot_start(command.words.front(), "pidfd_open", error);
}

ChildProcess::~ChildProcess() {
  if (m_pid > 0) kill_and_reap();
}

void ChildProcess::ask_to_end() const {
  if (m_pid > 0) kill(-m_pid, SIGTERM);
}

int ChildProcess::kill_and_reap() {
  if (m_pid <= 0) return 0;
  kill(-m_pid, SIGKILL);
  int status = 0;
  while (waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {
  }
  m_pid = -1;
  return status;
}

std::vector<std::string> inherited_environment(std::span<const std::string> names) {
  std::vector<std::string> kept;
  for (const std::string& name : names) {
    if (const char* value = std::getenv(name.c_str())) kept.push_back(fmt::format("{}={}", name, value));
  }
  return kept;
}

bool is_own_making(int signal) {
  return std::find(k_own_making.begin(), k_own_making.end(), signal) != k_own_making.end();
}

}  // namespace kbeat
