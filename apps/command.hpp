// What every command is made of: the command line that it adds its flags to and the context that it runs in.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "io.hpp"
#include "kbeat/base/clock.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/shutdown.hpp"
#include "kbeat/config/load.hpp"
#include "kbeat/transport/transport.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace kbeat::app {

/// What a command gets to work with. Everything outlives the command's run.
struct Context {
  Io& io;
  const config::Loaded& config;
  Clock& clock;
  const Shutdown& shutdown;
  const config::Flags& flags;
  std::string command;  ///< the words that chose it, such as `topics list`
  bool trial = false;   ///< this process is a child that only tries the record on its stdin

  [[nodiscard]] const config::Settings& settings() const { return config.settings; }
  [[nodiscard]] std::stop_token stop() const { return shutdown.token(); }
  /// One line on stderr, unless -q was given.
  void notice(const std::string& line) const;
  /// One line on stderr when -v was given.
  void detail(const std::string& line) const;
};

/// Opens the transport that the settings choose and says so when nobody chose the embedded log.
[[nodiscard]] std::unique_ptr<transport::Transport> connect_transport(const Context& context);
/// Opens another one, such as that of a second cluster, with the command's credentials.
[[nodiscard]] std::unique_ptr<transport::Transport> connect_transport(
    const Context& context, const config::TransportSettings& settings);

/// How long a question to the cluster may take unless --timeout says.
inline constexpr Milliseconds k_admin_timeout{10'000};
[[nodiscard]] Milliseconds admin_timeout(const Context& context);

/// Throws Error{usage} with `why` where `wrong`.
void refuse_if(bool wrong, const char* why);

/// Runs a command whose flags were parsed; returns the exit code or throws Error.
using Action = std::function<int(Context&)>;

/// The tree of commands and flags, and what parsing found. Stays where it is: its flags point into it.
class CommandLine {
 public:
  CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;
  ~CommandLine();

  [[nodiscard]] CLI::App& root() { return *m_root; }
  [[nodiscard]] const CLI::App& root() const { return *m_root; }

  config::Flags flags;  ///< what the flags say about settings
  Action action;        ///< of the command that was chosen
  /// Of a command that has something to say even when the settings are wrong: its exit code, if it is not the
  /// error's.
  std::function<std::optional<int>(const Error&, Io&)> on_bad_settings;
  std::string command;

 private:
  std::unique_ptr<CLI::App> m_root;
};

/// A command's name, one line about it and its examples (a line each: command, two spaces, `# why`).
struct CommandText {
  std::string name;
  std::string summary;
  std::string examples;
};

/// Adds a command that holds only further commands (`topics`).
CLI::App& add_command_group(CLI::App& parent, const CommandText& text);

/// Adds a command; `action` becomes the line's when it is chosen.
CLI::App& add_command(CommandLine& line, CLI::App& parent, const CommandText& text, Action action);

/// Adds a flag that sets the setting `name` (as in the config file: `batch.size`), above all other sources.
CLI::Option* add_setting(CommandLine& line, CLI::App& app, const std::string& flag, const std::string& name,
                         const std::string& help);

/// As add_setting, for a flag without a value: it sets `value`.
CLI::Option* add_setting_flag(CommandLine& line, CLI::App& app, const std::string& flag,
                              const std::string& name, const std::string& value, const std::string& help);

/// Adds --rate: at most so many `things` a second.
CLI::Option* add_rate(CLI::App& app, double& per_second, const std::string& things);

/// Makes an option refuse what is no whole number from `least` on: CLI11 takes -1 for a very large count.
CLI::Option* at_least(std::int64_t least, CLI::Option* option);

/// Adds a flag that may be given several times, one value each time (CLI11's own lists would swallow the
/// positional arguments that follow).
CLI::Option* add_list(CLI::App& app, const std::string& flag, std::vector<std::string>& values,
                      const std::string& help);

}  // namespace kbeat::app
