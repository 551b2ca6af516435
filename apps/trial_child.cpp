// Hands a record to a child and looks at how that ends.
#include "trial_child.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "exit_code.hpp"
#include "kbeat/base/bounded_child.hpp"
#include "kbeat/base/child_process.hpp"
#include "kbeat/base/descriptor.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/model/envelope_reader.hpp"
#include "kbeat/model/envelope_writer.hpp"
#include "line_source.hpp"

namespace kbeat::app {
namespace {

/// The program with the hidden word, then the arguments that this process was started with.
std::vector<std::string> trial_command() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string line{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::vector<std::string> command{"/proc/self/exe", std::string(k_trial_word)};
  bool first = true;
  for (std::size_t begin = 0; begin < line.size();) {
    const std::size_t end = std::min(line.find('\0', begin), line.size());
    if (!first) command.push_back(line.substr(begin, end - begin));
    first = false;
    begin = end + 1;
  }
  return command;
}

std::vector<std::string> own_environment() {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) variables.emplace_back(*entry);
  return variables;
}

/// The record's envelope as something that a child can read.
Descriptor envelope_file(const RecordView& record) {
  std::string line;
  EnvelopeWriter(PayloadForm::text).append(line, record);
  line += '\n';
  Descriptor file(memfd_create("kbeat-record", MFD_CLOEXEC));
  const ssize_t written = file.number() < 0 ? -1 : ::write(file.number(), line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) {
    throw Error(ErrorCode::io, fmt::format("cannot hand the record to a child: {}", std::strerror(errno)));
  }
  ::lseek(file.number(), 0, SEEK_SET);
  return file;
}

class ChildTrial final : public pipeline::Trial {
 public:
  ChildTrial() : m_command(trial_command()) {}

  pipeline::TrialEnd run(const RecordView& record, SteadyTime deadline, std::stop_token stop) override {
    const Descriptor envelope = envelope_file(record);
    const ChildReport report = run_child(
        {.words = m_command, .environment = own_environment(), .input = envelope.number()}, deadline, stop);
    const bool crashed = report.end == ChildEnd::exited && WIFSIGNALED(report.status) &&
                         is_own_making(WTERMSIG(report.status));
    return crashed ? pipeline::TrialEnd::crashed : pipeline::TrialEnd::survived;
  }

 private:
  std::vector<std::string> m_command;
};

}  // namespace

std::unique_ptr<pipeline::Trial> open_trial() {
  return std::make_unique<ChildTrial>();
}

int run_trial(const handlers::Registry& registry, const pipeline::RunnerOptions& options, Context& context) {
  // Nobody waits for what comes of it once its parent is gone.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  LineSource input(context.io.in(), "\n");
  std::string_view line;
  Pulled pulled = input.next(line);
  while (pulled == Pulled::pause) pulled = input.next(line);
  if (pulled == Pulled::end) throw Error(ErrorCode::bad_input, "a trial needs a record's envelope on stdin");
  EnvelopeReader reader;
  pipeline::RunnerOptions rehearsal = options;
  rehearsal.rehearses = true;
  const pipeline::EventRunner runner(registry, rehearsal, "", context.clock);
  pipeline::rehearse(runner, reader.read(line), context.stop());
  return k_exit_done;
}

}  // namespace kbeat::app
