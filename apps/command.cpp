// The command line's root with the flags that all commands share, and the helpers that commands are built
// with.
#include "command.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "help.hpp"

namespace kbeat::app {
namespace {

constexpr const char* k_connection = "Connection";
constexpr const char* k_general = "General";

/// The name that a flag's value is blamed under: the first long one of `-b,--brokers`.
std::string shown_flag(const std::string& names) {
  const std::size_t long_name = names.find("--");
  const std::size_t start = long_name == std::string::npos ? 0 : long_name;
  return names.substr(start, names.find(',', start) - start);
}

void add_connection_flags(CommandLine& line, CLI::App& root) {
  add_setting(line, root, "-b,--brokers,--bootstrap-server", "kafka.brokers", "Kafka brokers, HOST:PORT,…")
      ->type_name("HOSTS")
      ->group(k_connection);
  add_list(root, "-X", line.flags.properties, "a librdkafka property (-X list, -X dump)")
      ->type_name("NAME=VALUE")
      ->group(k_connection);
  add_list(root, "-F", line.flags.property_files, "a file of librdkafka properties")
      ->type_name("FILE")
      ->group(k_connection);
  add_setting(line, root, "--transport", "transport", "auto, kafka or embedded")
      ->type_name("KIND")
      ->group(k_connection);
  add_setting(line, root, "--data-dir", "data_dir", "where the store and the embedded log lie")
      ->type_name("DIR")
      ->group(k_connection);
  add_setting(line, root, "--preset", "preset", "throughput or latency")
      ->type_name("NAME")
      ->group(k_connection);
  add_setting(line, root, "--timeout", "timeout", "how long to wait for a broker, such as 10s")
      ->type_name("SPAN")
      ->group(k_connection);
}

void add_general_flags(CommandLine& line, CLI::App& root) {
  root.add_option("--config", line.flags.config_file, "TOML file of settings")
      ->type_name("FILE")
      ->group(k_general);
  root.add_option("--profile", line.flags.profile, "a [profile.NAME] of the config")
      ->type_name("NAME")
      ->group(k_general);
  root.add_flag("-q,--quiet", line.flags.quiet, "only errors on stderr")->group(k_general);
  root.add_flag("-v,--verbose", line.flags.verbose, "more on stderr (twice: debug)")->group(k_general);
  add_setting(line, root, "--log-format", "log.format", "text or json")->type_name("FORM")->group(k_general);
  add_setting(line, root, "--color", "color", "auto, always or never")->type_name("WHEN")->group(k_general);
  root.set_version_flag("--version", std::string("kbeat ") + KBEAT_VERSION, "print the version")
      ->group(k_general);
  root.get_help_ptr()->group(k_general);
}

std::string full_name(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  const bool below_root = parent == nullptr || parent->get_parent() == nullptr;
  return below_root ? app.get_name() : full_name(*parent) + " " + app.get_name();
}

}  // namespace

Milliseconds admin_timeout(const Context& context) {
  return context.settings().timeout.value_or(k_admin_timeout);
}

void refuse_if(bool wrong, const char* why) {
  if (wrong) throw Error(ErrorCode::usage, why);
}

void Context::notice(const std::string& line) const {
  if (config.settings.log.verbosity >= 0) io.say(line);
}

void Context::detail(const std::string& line) const {
  if (config.settings.log.verbosity >= 1) io.say(line);
}

CommandLine::CommandLine() : m_root(std::make_unique<CLI::App>("Kafka pipelines with guarantees", "kbeat")) {
  m_root->set_help_flag("-h,--help", "print this help");
  m_root->set_help_all_flag("--help-all", "print what every flag does")->group(k_general);
  m_root->footer(
      "echo hello | kbeat produce greetings; kbeat stream greetings -o beginning -e\n"
      "kbeat consume beats-events -e            # handle what is there, then exit\n"
      "kbeat dlq inspect                        # what failed, and why");
  m_root->require_subcommand(0, 1);
  add_connection_flags(*this, *m_root);
  add_general_flags(*this, *m_root);
}

CommandLine::~CommandLine() = default;

CLI::App& add_command_group(CLI::App& parent, const CommandText& text) {
  CLI::App* app = parent.add_subcommand(text.name, text.summary);
  app->footer(text.examples);
  app->fallthrough();
  app->require_subcommand(0, 1);
  return *app;
}

CLI::App& add_command(CommandLine& line, CLI::App& parent, const CommandText& text, Action action) {
  CLI::App* app = parent.add_subcommand(text.name, text.summary);
  app->footer(text.examples);
  app->fallthrough();
  app->final_callback([&line, app, run = std::move(action)] {
    line.action = run;
    line.command = full_name(*app);
  });
  return *app;
}

CLI::Option* add_setting(CommandLine& line, CLI::App& app, const std::string& flag, const std::string& name,
                         const std::string& help) {
  const auto keep = [&line, name, shown = shown_flag(flag)](const std::string& text) {
    line.flags.values[name] = {shown, text};
  };
  return app.add_option_function<std::string>(flag, keep, help);
}

CLI::Option* add_setting_flag(CommandLine& line, CLI::App& app, const std::string& flag,
                              const std::string& name, const std::string& value, const std::string& help) {
  const auto keep = [&line, name, value, shown = shown_flag(flag)](std::int64_t) {
    line.flags.values[name] = {shown, value};
  };
  return app.add_flag_function(flag, keep, help);
}

CLI::Option* add_rate(CLI::App& app, double& per_second, const std::string& things) {
  const auto is_rate = [](const std::string& text) {
    constexpr double k_least = 0.001;
    constexpr double k_most = 1e9;
    double rate = 0;
    // Not a number lies in no range: the comparison says so, CLI11's own does not.
    const bool good = CLI::detail::lexical_cast(text, rate) && rate >= k_least && rate <= k_most;
    return good ? std::string() : fmt::format("{} is no number from {} to {:g}", text, k_least, k_most);
  };
  return app.add_option("--rate", per_second, fmt::format("at most so many {} a second", things))
      ->type_name("N")
      ->check(CLI::Validator(is_rate, ""));
}

CLI::Option* at_least(std::int64_t least, CLI::Option* option) {
  constexpr std::int64_t k_most = 1'000'000'000'000'000;
  return option->check(CLI::Range(least, k_most));
}

CLI::Option* add_list(CLI::App& app, const std::string& flag, std::vector<std::string>& values,
                      const std::string& help) {
  return app.add_option(flag, values, help)->allow_extra_args(false);
}

}  // namespace kbeat::app
