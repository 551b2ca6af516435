// The parent's side: a worker for each piece of audio, and the meaning of its end.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "kbeat/base/bounded_child.hpp"
#include "kbeat/base/child_process.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/confine/analyzer.hpp"
#include "kbeat/confine/worker_codes.hpp"
#include "kbeat/confine/worker_task.hpp"
#include "kbeat/model/event.hpp"

namespace kbeat::confine {
namespace {

/// Nothing of our own environment, which may hold secrets, but what the loader and the sanitizers need.
const std::array<std::string, 3> k_kept{"LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS"};

class ConfinedAnalyzer final : public Analyzer {
 public:
  ConfinedAnalyzer(const AnalyzeLimits& limits, const audio::AnalysisRequest& request,
                   const WorkerCommand& worker)
      : m_limits(limits), m_command{worker.program} {
    const auto cpu_seconds =
        static_cast<std::uint64_t>(std::max<Milliseconds::rep>(limits.cpu.count() / 1000, 1));
    const WorkerTask task{{limits.memory_bytes, cpu_seconds}, request};
    m_command.insert(m_command.end(), worker.arguments.begin(), worker.arguments.end());
    for (std::string& word : to_words(task)) m_command.push_back(std::move(word));
  }

  Analyzed analyze(int descriptor, SteadyTime deadline, std::stop_token stop) override {
    lseek(descriptor, 0, SEEK_SET);
    const SteadyTime until = std::min(deadline, SystemClock().steady() + m_limits.wall);
    return meaning_of_end(run(descriptor, until, stop));
  }

  std::optional<Error> make_click_track(int descriptor, const audio::ByteSink& sink, std::stop_token stop) {
    lseek(descriptor, 0, SEEK_SET);
    const ChildReport report = run(descriptor, SystemClock().steady() + m_limits.wall, stop, sink);
    const bool done = report.end == ChildEnd::exited && WIFEXITED(report.status) &&
                      WEXITSTATUS(report.status) == k_worker_done;
    if (done) return std::nullopt;
    return std::get<Error>(meaning_of_end(report));
  }

 private:
  [[nodiscard]] ChildReport run(int descriptor, SteadyTime until, const std::stop_token& stop,
                                const audio::ByteSink& sink = nullptr) const {
    return run_child(
        {.words = m_command, .environment = inherited_environment(k_kept), .input = descriptor, .sink = sink},
        until, stop);
  }

  [[nodiscard]] Analyzed meaning_of_end(const ChildReport& report) const {
    switch (report.end) {
      case ChildEnd::exited: return meaning_of(report);
      case ChildEnd::stopped: return Error(ErrorCode::interrupted, "asked to stop analyzing", Retryable::yes);
      case ChildEnd::too_much: return Error(ErrorCode::internal, "the analysis gave more output than it may");
      case ChildEnd::timed_out: break;
    }
    return Error(ErrorCode::timed_out, "the analysis did not end in time", Retryable::yes);
  }

  [[nodiscard]] Analyzed meaning_of(const ChildReport& report) const {
    if (WIFSIGNALED(report.status)) return error_of_signal(WTERMSIG(report.status));
    const std::string faults = clean_utf8(report.faults, 1000);
    switch (WEXITSTATUS(report.status)) {
      case k_worker_done: return checked(report.output);
      case k_worker_bad_input: return Error(ErrorCode::bad_input, faults);
      case k_worker_no_memory: return out_of_memory();
      case k_worker_failed: return Error(ErrorCode::internal, "the analysis failed: " + faults);
      default: break;
    }
    return Error(ErrorCode::crashed,
                 fmt::format("the analysis crashed (exit code {}): {}", WEXITSTATUS(report.status), faults));
  }

  [[nodiscard]] Error error_of_signal(int signal) const {
    if (signal == SIGXCPU) {
      return {ErrorCode::timed_out,
              fmt::format("the analysis took more than {} of CPU time", seconds_text(m_limits.cpu))};
    }
    const std::string_view name = strsignal(signal);
    if (is_own_making(signal)) {
      return {ErrorCode::crashed, fmt::format("the analysis crashed (signal {}, {})", signal, name)};
    }
    return {ErrorCode::internal,
            fmt::format("the analysis was ended from outside (signal {}, {})", signal, name), Retryable::yes};
  }

  [[nodiscard]] Error out_of_memory() const {
    return {ErrorCode::too_large, fmt::format("the analysis needs more memory than the {} MiB it may have",
                                              m_limits.memory_bytes >> 20)};
  }

  /// One line with one JSON object; the child is not trusted to have written it.
  [[nodiscard]] static Analyzed checked(std::string output) {
    if (output.ends_with('\n')) output.pop_back();
    if (output.starts_with('{') && output.find('\n') == std::string::npos && is_json(output)) return output;
    return Error(ErrorCode::internal, "the analysis did not answer with one JSON object");
  }

  AnalyzeLimits m_limits;
  std::vector<std::string> m_command;
};

}  // namespace

std::unique_ptr<Analyzer> open_confined_analyzer(const AnalyzeLimits& limits,
                                                 const audio::AnalysisRequest& request,
                                                 const WorkerCommand& worker) {
  return std::make_unique<ConfinedAnalyzer>(limits, request, worker);
}

std::optional<Error> make_click_track(int descriptor, const AnalyzeLimits& limits,
                                      audio::AnalysisRequest request, const audio::ByteSink& sink,
                                      std::stop_token stop) {
  request.answer = audio::Answer::clicks;
  return ConfinedAnalyzer(limits, request, {}).make_click_track(descriptor, sink, std::move(stop));
}

}  // namespace kbeat::confine
