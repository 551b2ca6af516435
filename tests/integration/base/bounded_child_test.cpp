// Children of ours: what they inherit, and how they end.
#include "kbeat/base/bounded_child.hpp"

#include <fcntl.h>
#include <sys/wait.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "kbeat/base/child_process.hpp"
#include "kbeat/base/descriptor.hpp"
#include "kbeat/base/error.hpp"

using namespace kbeat;
using namespace std::chrono_literals;

namespace {

ChildReport run(const std::string& script, Milliseconds limit = 10s, std::stop_token stop = {}) {
  const Descriptor nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const std::array<std::string, 1> kept{"PATH"};
  return run_child(
      {.words = {"sh", "-c", script}, .environment = inherited_environment(kept), .input = nothing.number()},
      SystemClock().steady() + limit, stop);
}

}  // namespace

TEST_CASE("a child inherits no variable, no descriptor and no blocked signal of ours", "[base][children]") {
  setenv("KBEAT_TEST_SECRET", "hush", 1);
  CHECK(run("echo ${KBEAT_TEST_SECRET:-none}").output == "none\n");
  const Descriptor open_here(open("/dev/null", O_RDONLY));  // without O_CLOEXEC
  const std::string number = std::to_string(open_here.number());
  CHECK(run("for n in 2 3 4 5 6 7 8 9 " + number + "; do [ -e /proc/$$/fd/$n ] && echo $n; done").output ==
        "2\n");
  CHECK(run("grep SigBlk /proc/$$/status | tr -d '\\n'").output == "SigBlk:\t0000000000000000");
}

TEST_CASE("a child's output, faults and exit status come back", "[base][children]") {
  const ChildReport report = run("echo out; echo err >&2; exit 3");
  CHECK(report.end == ChildEnd::exited);
  CHECK(report.output == "out\n");
  CHECK(report.faults == "err\n");
  CHECK(WEXITSTATUS(report.status) == 3);
  CHECK(WTERMSIG(run("kill -SEGV $$").status) == SIGSEGV);
}

TEST_CASE("a child's end in words has what it said, without the end of its line", "[base][children]") {
  CHECK(end_text(run("echo no paper >&2; exit 3")) == "ended with 3: no paper");
  CHECK(end_text(run("exit 1")) == "ended with 1");
  CHECK(end_text(run("kill -SEGV $$")) == "was ended by signal 11");
  CHECK(end_text(run("sleep 60", 50ms)) == "did not end in time");
}

TEST_CASE("a child and its own children are killed at the deadline or on request", "[base][children]") {
  CHECK(run("sleep 60 & sleep 60", 50ms).end == ChildEnd::timed_out);
  std::stop_source stop;
  stop.request_stop();
  CHECK(run("sleep 60", 10s, stop.get_token()).end == ChildEnd::stopped);
}

TEST_CASE("a program that is not there is an error that names it", "[base][children]") {
  const Descriptor nothing(open("/dev/null", O_RDWR | O_CLOEXEC));
  const ChildCommand missing{.words = {"kbeat-no-such-program"},
                             .environment = {},
                             .input = nothing.number(),
                             .output = nothing.number()};
  CHECK_THROWS_WITH(ChildProcess(missing), Catch::Contains("kbeat-no-such-program"));
}
