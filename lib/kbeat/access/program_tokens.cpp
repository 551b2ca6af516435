// One bounded child a token.
#include "kbeat/access/program_tokens.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kbeat/access/token_answer.hpp"
#include "kbeat/base/bounded_child.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/split_words.hpp"

namespace kbeat::access {
namespace {

constexpr Milliseconds k_program_patience{10'000};

/// A helper signs in as its user, so that it gets the environment as it is.
std::vector<std::string> whole_environment() {
  std::vector<std::string> environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
    environment.emplace_back(*entry);
  return environment;
}

std::string fault_of(const ChildReport& report) {
  if (report.end == ChildEnd::timed_out) return "took longer than 10 s";
  if (report.end != ChildEnd::exited) return "printed too much";
  if (WIFSIGNALED(report.status)) return fmt::format("was killed by signal {}", WTERMSIG(report.status));
  if (WEXITSTATUS(report.status) == 0) return {};
  const std::string said = escape_for_terminal(report.faults.substr(0, report.faults.find('\n')), 200);
  return fmt::format("exited with {}{}{}", WEXITSTATUS(report.status), said.empty() ? "" : ": ", said);
}

}  // namespace

ProgramTokens::ProgramTokens(const std::string& command, std::string principal, Clock& clock)
    : m_words(split_words(command)), m_principal(std::move(principal)), m_clock(clock) {
  if (m_words.empty()) throw Error(ErrorCode::configuration, "kafka.oauth_helper names no program");
}

transport::Token ProgramTokens::token() {
  const std::string who = fmt::format("the helper {}", escape_for_terminal(m_words.front(), 120));
  ChildReport report;
  try {
    report = run_child({.words = m_words, .environment = whole_environment()},
                       m_clock.steady() + k_program_patience, {});
  } catch (const Error& error) {
    throw Error(ErrorCode::authentication, fmt::format("OAUTHBEARER: no token: {}", error.what()));
  }
  if (const std::string fault = fault_of(report); !fault.empty()) {
    throw Error(ErrorCode::authentication, fmt::format("OAUTHBEARER: no token: {} {}", who, fault));
  }
  return read_token_answer(report.output, who, m_principal, m_clock.now());
}

}  // namespace kbeat::access
