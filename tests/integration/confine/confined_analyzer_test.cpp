// Whatever the worker does, the parent lives and knows what it was.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "kbeat/confine/analyzer.hpp"
#include "kbeat/net/download.hpp"
#include "support/child.hpp"
#include "support/temp_dir.hpp"

using namespace kbeat;
using namespace std::chrono_literals;

namespace {

constexpr confine::AnalyzeLimits k_limits{.memory_bytes = 512ull << 20, .cpu = 1s, .wall = 20s};

net::FetchedFile no_audio() {
  return net::FetchedFile(open("/dev/null", O_RDWR | O_CLOEXEC));
}

confine::Analyzed run(const std::string& deed, SteadyTime deadline = SteadyTime::max(),
                      std::stop_token stop = {}) {
  const auto analyzer = confine::open_confined_analyzer(k_limits, {}, {KBEAT_FAULTY_WORKER, {deed}});
  const net::FetchedFile audio = no_audio();
  return analyzer->analyze(audio.descriptor(), deadline, std::move(stop));
}

/// The error's code and message, or the answer.
std::string told(const confine::Analyzed& analyzed) {
  if (const auto* error = std::get_if<Error>(&analyzed))
    return std::string(to_string(error->code())) + ": " + error->what();
  return std::get<std::string>(analyzed);
}

/// Waits until a process has started a child.
int only_child_of(int parent) {
  const std::string tasks = fmt::format("/proc/{}/task", parent);
  for (int child = 0;; std::this_thread::yield()) {
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
      if (std::ifstream(task.path() / "children") >> child) return child;
    }
  }
}

}  // namespace

TEST_CASE("a worker's one JSON object is its answer", "[confine]") {
  CHECK(told(run("good")) == R"({"bpm":92.0})");
}

TEST_CASE("a worker that crashes is told from one that refuses", "[confine]") {
  const std::string deed = GENERATE("segv", "abort", "exit-code");
  CHECK_THAT(told(run(deed)), Catch::StartsWith("crashed: the analysis crashed"));
}

TEST_CASE("a worker that spins is ended by its limit of CPU time", "[confine]") {
  CHECK(told(run("spin")) == "timed_out: the analysis took more than 1.0s of CPU time");
}

#ifndef KBEAT_SANITIZED
TEST_CASE("a worker that allocates without end runs into its limit", "[confine]") {
  CHECK(told(run("allocate")) == "too_large: the analysis needs more memory than the 512 MiB it may have");
}
#endif

TEST_CASE("a worker that hangs is killed at the caller's deadline", "[confine]") {
  const auto begun = std::chrono::steady_clock::now();
  const confine::Analyzed analyzed = run("hang", begun + 300ms);
  CHECK(told(analyzed) == "timed_out: the analysis did not end in time");
  CHECK(std::get<Error>(analyzed).retryable());
  CHECK(std::chrono::steady_clock::now() - begun < 2s);
}

TEST_CASE("a worker is killed soon after a request to stop", "[confine]") {
  std::stop_source stop;
  std::chrono::steady_clock::time_point asked;
  const std::jthread asker([&] {
    asked = std::chrono::steady_clock::now();
    stop.request_stop();
  });
  CHECK(told(run("hang", SteadyTime::max(), stop.get_token())) == "interrupted: asked to stop analyzing");
  CHECK(std::chrono::steady_clock::now() - asked < 2s);
}

TEST_CASE("a worker that was killed from outside may be tried again", "[confine]") {
  const confine::Analyzed analyzed = run("killed");
  CHECK(told(analyzed) == "internal: the analysis was ended from outside (signal 9, Killed)");
  CHECK(std::get<Error>(analyzed).retryable());
}

TEST_CASE("what is no answer is not taken for one", "[confine]") {
  const std::string deed = GENERATE("no-json", "array", "two-lines", "deep", "nothing");
  INFO(deed);
  CHECK(told(run(deed)) == "internal: the analysis did not answer with one JSON object");
}

TEST_CASE("output without end is cut off, complaints are shortened", "[confine]") {
  CHECK(told(run("write-endless")) == "internal: the analysis gave more output than it may");
  const confine::Analyzed analyzed = run("complain-endless");
  CHECK(std::get<Error>(analyzed).code() == ErrorCode::bad_input);
  CHECK(told(analyzed).size() < 1100);
}

TEST_CASE("a confined process can reach nothing outside", "[confine]") {
  const std::string deed = GENERATE("socket", "open-to-read", "open-to-write", "exec", "fork", "kill-parent",
                                    "truncate-input", "write-input", "executable-memory");
  INFO(deed);
  const std::string outcome = told(run(deed));
  INFO(outcome);
  const bool refused = outcome == R"({"escaped":false})" ||
                       outcome == "crashed: the analysis crashed (signal 31, Bad system call)";
  CHECK(refused);
  CHECK_FALSE(std::filesystem::exists("/tmp/kbeat-escaped"));
}

TEST_CASE("a worker gets none of our environment and none of our files", "[confine]") {
  setenv("KBEAT_API_TOKEN", "secret", 1);
  const std::string environment = told(run("environment"));
  unsetenv("KBEAT_API_TOKEN");
  CHECK_THAT(environment, Catch::StartsWith("{\"environment\":") && !Catch::Contains("secret"));
  const net::FetchedFile leaky(open("/dev/null", O_RDONLY));
  CHECK(told(run("descriptors")) == R"({"descriptors":3})");
}

TEST_CASE("analyze and hang until killed", "[.child]") {
  (void)run("hang");
}

TEST_CASE("a worker dies with its parent", "[confine]") {
  const test::TempDir folder;
  const test::Child parent("analyze and hang until killed", folder.path());
  const int worker = only_child_of(parent.pid());
  const int gone = static_cast<int>(syscall(SYS_pidfd_open, worker, 0));
  parent.signal(SIGKILL);
  pollfd watched{gone, POLLIN, 0};
  CHECK(poll(&watched, 1, 10'000) == 1);
  close(gone);
}

TEST_CASE("a worker that cannot be started is an error that names it", "[confine]") {
  const auto analyzer = confine::open_confined_analyzer(k_limits, {}, {"/none/worker", {}});
  const net::FetchedFile audio = no_audio();
  CHECK_THROWS_WITH(analyzer->analyze(audio.descriptor(), SteadyTime::max(), {}),
                    Catch::Contains("/none/worker"));
}
