// One bounded child for each event, and the meaning of its end.
#include "kbeat/handlers/exec_handler.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <sysexits.h>

#include <utility>

#include "kbeat/base/bounded_child.hpp"
#include "kbeat/base/child_process.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/memory_file.hpp"
#include "kbeat/handlers/event_envelope.hpp"

namespace kbeat::handlers {
namespace {

constexpr std::size_t k_longest_result = 64 << 10;
constexpr std::size_t k_longest_reason = 1024;

/// The last lines say what went wrong more often than the first.
std::string reason_of(std::string_view faults, int code) {
  while (!faults.empty() && (faults.back() == '\n' || faults.back() == '\r')) faults.remove_suffix(1);
  if (faults.size() > k_longest_reason) faults.remove_prefix(faults.size() - k_longest_reason);
  return faults.empty() ? fmt::format("the handler ended with exit code {}", code)
                        : clean_utf8(faults, 2 * k_longest_reason);
}

/// The output, when it is one line of JSON.
std::string result_of(std::string output) {
  if (output.ends_with('\n')) output.pop_back();
  const bool one_line = output.find('\n') == std::string::npos && output.size() <= k_longest_result;
  return one_line && is_json(output) ? output : std::string();
}

Outcome outcome_of_signal(int signal) {
  if (is_own_making(signal)) {
    return Retry{FailureCategory::crash, fmt::format("the handler crashed (signal {})", signal),
                 std::nullopt};
  }
  return Retry{FailureCategory::dependency,
               fmt::format("the handler was ended from outside (signal {})", signal), std::nullopt};
}

Outcome outcome_of(ChildReport report) {
  switch (report.end) {
    case ChildEnd::timed_out:
      return Retry{FailureCategory::timeout, "the handler did not end in time", std::nullopt};
    case ChildEnd::stopped: return Retry{FailureCategory::timeout, "asked to stop", std::nullopt};
    case ChildEnd::too_much: return Reject{FailureCategory::processing, "the handler wrote more than 16 MiB"};
    case ChildEnd::exited: break;
  }
  if (WIFSIGNALED(report.status)) return outcome_of_signal(WTERMSIG(report.status));
  const int code = WEXITSTATUS(report.status);
  if (code == 0) return Done{{}, result_of(std::move(report.output))};
  if (code == EX_TEMPFAIL)
    return Retry{FailureCategory::processing, reason_of(report.faults, code), std::nullopt};
  return Reject{FailureCategory::processing, reason_of(report.faults, code)};
}

class ExecHandler final : public Handler {
 public:
  explicit ExecHandler(ExecOptions options)
      : m_options(std::move(options)), m_environment(program_environment(m_options.environment)) {
    if (m_options.name.empty()) m_options.name = program_handler_name("exec", m_options.command);
  }

  std::string_view name() const override { return m_options.name; }
  std::optional<Milliseconds> time_limit() const override { return m_options.time_limit; }
  Cost cost() const override { return Cost::slow; }
  Place place() const override { return Place::elsewhere; }

  Outcome handle(const RecordView& record, const Event&, const HandlerContext& context) override {
    const Descriptor input = memory_file(event_envelope(record) + "\n");
    std::vector<std::string> environment = m_environment;
    for (std::string& variable : trail_environment(context.trail)) environment.push_back(std::move(variable));
    try {
      return outcome_of(run_child(
          {.words = m_options.command, .environment = std::move(environment), .input = input.number()},
          context.deadline, context.stop));
    } catch (const Error& error) {
      return Retry{FailureCategory::dependency, error.what(), std::nullopt};
    }
  }

 private:
  ExecOptions m_options;
  std::vector<std::string> m_environment;
};

}  // namespace

std::unique_ptr<Handler> make_exec_handler(ExecOptions options) {
  return std::make_unique<ExecHandler>(std::move(options));
}

}  // namespace kbeat::handlers
