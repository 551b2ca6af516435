// A worker that confines itself like the real one and then does what a taken-over decoder would do.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "kbeat/base/escape.hpp"
#include "kbeat/base/plugin.hpp"
#include "kbeat/confine/worker_codes.hpp"
#include "kbeat/confine/worker_task.hpp"

extern char** environ;

namespace {

using namespace kbeat::confine;

int answer(const std::string& json) {
  const std::string line = json + "\n";
  return write(STDOUT_FILENO, line.data(), line.size()) == static_cast<ssize_t>(line.size()) ? k_worker_done
                                                                                             : 1;
}

/// An attempt that must not succeed; it may be refused with an error or end the process.
int attempt(bool succeeded) {
  return answer(succeeded ? R"({"escaped":true})" : R"({"escaped":false})");
}

int spin() {
  for (volatile bool on = true; on;) {
  }
  return 1;
}

int hang() {
  for (;;) {
    const timespec long_time{3600, 0};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &long_time, nullptr);
  }
}

int allocate() {
  constexpr std::size_t k_step = 16 << 20;
  for (;;) {
    void* const memory = malloc(k_step);
    if (memory == nullptr) return k_worker_no_memory;
    std::memset(memory, 1, k_step);
  }
}

int write_endless() {
  const std::string block(1 << 20, 'x');
  while (write(STDOUT_FILENO, block.data(), block.size()) > 0) {
  }
  return 1;
}

int complain_endless() {
  const std::string block(1 << 20, 'x');
  for (int i = 0; i < 16; ++i) (void)!write(STDERR_FILENO, block.data(), block.size());
  return k_worker_bad_input;
}

int list_environment() {
  std::string json = "{\"environment\":\"";
  for (char** entry = environ; *entry != nullptr; ++entry) json += fmt::format("{} ", *entry);
  return answer(json + "\"}");
}

int count_descriptors() {
  int open_ones = 0;
  for (int i = 0; i < 1024; ++i) open_ones += fcntl(i, F_GETFD) >= 0 ? 1 : 0;
  return answer(fmt::format(R"({{"descriptors":{}}})", open_ones));
}

const std::map<std::string, std::function<int()>> k_before{{"killed", [] { return raise(SIGKILL); }},
                                                           {"environment", list_environment},
                                                           {"descriptors", count_descriptors}};

const std::map<std::string, std::function<int()>> k_deeds{
    {"segv", [] { return raise(SIGSEGV); }},
    {"abort", []() -> int { std::abort(); }},
    {"spin", spin},
    {"hang", hang},
    {"allocate", allocate},
    {"exit-code", [] { return 3; }},
    {"write-endless", write_endless},
    {"complain-endless", complain_endless},
    {"no-json", [] { return answer("sound"); }},
    {"array", [] { return answer("[1]"); }},
    {"two-lines", [] { return answer("{}\n{}"); }},
    {"deep", [] { return answer("{\"a\":" + std::string(1'000'000, '[') + "}"); }},
    {"nothing", [] { return 0; }},
    {"good", [] { return answer(R"({"bpm":92.0})"); }},
    {"socket", [] { return attempt(socket(AF_INET, SOCK_STREAM, 0) >= 0); }},
    {"open-to-read", [] { return attempt(open("/etc/passwd", O_RDONLY) >= 0); }},
    {"open-to-write", [] { return attempt(open("/tmp/kbeat-escaped", O_WRONLY | O_CREAT, 0600) >= 0); }},
    {"exec", [] { return attempt(execl("/bin/true", "true", nullptr) == 0); }},
    {"fork", [] { return attempt(fork() >= 0); }},
    {"kill-parent", [] { return attempt(kill(getppid(), SIGTERM) == 0); }},
    {"truncate-input", [] { return attempt(ftruncate(STDIN_FILENO, 0) == 0); }},
    {"write-input", [] { return attempt(write(STDIN_FILENO, "x", 1) == 1); }},
    {"executable-memory",
     [] {
       return attempt(mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                           0) != MAP_FAILED);
     }},
};

}  // namespace

int main(int argc, char** argv) {
  const std::string deed = argc > 1 ? argv[1] : "";
  if (const auto early = k_before.find(deed); early != k_before.end()) return early->second();
  const std::vector<std::string> words(argv + 2, argv + argc);
  kbeat::plugin_function<ConfineProcess>("confine", k_confine_process)(read_task(words).confinement);
  _exit(k_deeds.at(deed)());
}
