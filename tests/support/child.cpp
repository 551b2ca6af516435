// A test program's second process: the same program, started again with another task.
#include "support/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <utility>

extern char** environ;

namespace kbeat::test {
namespace {

constexpr const char* k_folder = "KBEAT_TEST_CHILD_FOLDER";

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Child::Child(const std::vector<std::string>& arguments) : Child(arguments, {}) {}

Child::Child(const std::string& test_case, const std::filesystem::path& folder)
    : Child({std::filesystem::read_symlink("/proc/self/exe").string(), test_case, "--out", "/dev/null"},
            {fmt::format("{}={}", k_folder, folder.string())}) {}

Child::Child(std::vector<std::string> arguments, std::vector<std::string> environment) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  // In a group of its own: one of an orphaned group would not stop at SIGTSTP.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::vector<char*> argv = pointers_to(arguments);
  std::vector<char*> envp = pointers_to(environment);
  const int failure = posix_spawn(&m_pid, argv[0], &actions, &attributes, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close(ends[1]);
  m_output = ends[0];
  if (failure != 0) throw std::runtime_error("cannot start " + arguments.front());
}

Child::~Child() {
  if (m_pid > 0) {
    signal(SIGKILL);
    wait();
  }
  close(m_output);
}

std::string Child::read_line() {
  std::string line;
  for (char c = 0; read(m_output, &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

void Child::signal(int number) const {
  kill(m_pid, number);
}

void Child::wait_until_stopped() const {
  int status = 0;
  waitpid(m_pid, &status, WUNTRACED);
  if (!WIFSTOPPED(status)) throw std::runtime_error("the child ended instead of stopping");
}

int Child::wait() {
  int status = 0;
  waitpid(std::exchange(m_pid, -1), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::filesystem::path child_folder() {
  const char* const folder = getenv(k_folder);
  if (folder == nullptr) throw std::runtime_error("this case is run by others only");
  return folder;
}

void tell_parent(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

}  // namespace kbeat::test
