// The program's entry: builds what commands need, runs the one asked for and turns errors into exit codes.
#include <sys/prctl.h>
#include <unistd.h>

#include <exception>
#include <functional>
#include <span>
#include <string>

#include "allocator.hpp"
#include "cmd_properties.hpp"
#include "command.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "kbeat/base/clock.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/last_words.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/base/shutdown.hpp"
#include "kbeat/config/load.hpp"
#include "kbeat/confine/analyzer.hpp"
#include "parse.hpp"
#include "trial_child.hpp"

namespace {

using namespace kbeat;

int run(std::span<char* const> arguments, app::Io& io, const Shutdown& shutdown) {
  const bool trial = arguments.size() > 1 && arguments[1] == app::k_trial_word;
  if (trial) arguments = arguments.subspan(1);
  app::CommandLine line;
  app::add_commands(line);
  if (const auto code = app::parse_arguments(line, arguments, io)) return *code;
  config::Loaded loaded;
  try {
    loaded = config::load(line.flags, config::read_environment());
  } catch (const Error& error) {
    const auto code = line.on_bad_settings ? line.on_bad_settings(error, io) : std::nullopt;
    if (code) return *code;
    throw;
  }
  configure_log(loaded.settings.log.level, loaded.settings.log.format);
  if (loaded.holds_secrets()) prctl(PR_SET_DUMPABLE, 0);  // no core file, no look at our memory
  for (const std::string& warning : loaded.warnings) log_warning("{}", warning);
  SystemClock clock;
  app::Context context{io, loaded, clock, shutdown, line.flags, line.command, trial};
  if (line.flags.asks_for_properties()) return app::run_properties(line.flags, context);
  return line.action(context);
}

/// The program's one place where errors end: told on stderr, turned into an exit code.
int guarded(app::Io& io, const Shutdown& shutdown, const std::function<int()>& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::pipe_closed) io.say(std::string("kbeat: ") + error.what());
    return app::exit_code(error.code(), shutdown.signal());
  } catch (const std::exception& error) {
    if (const auto exhausted = exhaustion(error)) {
      io.say("kbeat: " + std::string(*exhausted));
    } else {
      io.say(std::string("kbeat: internal error: ") + error.what());
    }
    return app::k_exit_failed;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && argv[1] == confine::k_worker_word) {
    app::return_memory_at_once();
    return confine::run_confined_worker(argc, argv);
  }
  end_plainly_when_exhausted();
  app::Io io(STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
  Shutdown shutdown;
  const std::span<char* const> arguments(argv, static_cast<std::size_t>(argc));
  const int code = guarded(io, shutdown, [&] {
    app::check_address_space();
    return run(arguments, io, shutdown);
  });
  const int flushed = guarded(io, shutdown, [&] {
    io.out().flush();
    return app::k_exit_done;
  });
  return code == app::k_exit_done ? flushed : code;
}
