// Runs CLI11 over the arguments and turns its errors into ours, with the nearest name.
#include "parse.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>

#include "exit_code.hpp"
#include "help.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/nearest.hpp"

namespace kbeat::app {
namespace {

/// The innermost command that was recognised.
const CLI::App& chosen_app(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : chosen_app(*chosen.front());
}

void collect_flags(const CLI::App& app, std::vector<std::string>& names) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  if (app.get_parent() != nullptr) collect_flags(*app.get_parent(), names);
}

std::string unexpected(const CLI::App& app, const std::string& argument) {
  const bool is_flag = argument.size() > 1 && argument.front() == '-';
  const auto commands = app.get_subcommands({});
  std::vector<std::string> names;
  if (is_flag) {
    collect_flags(app, names);
  } else {
    for (const CLI::App* command : commands) names.push_back(command->get_name());
  }
  const std::string name = argument.substr(0, argument.find('='));
  const char* kind = is_flag ? "unknown flag" : commands.empty() ? "unexpected argument" : "unknown command";
  return fmt::format("{} \"{}\"{} (see {} --help)", kind, escape_for_terminal(name, 80),
                     did_you_mean(name, names), command_words(app));
}

std::string explain(const CLI::App& root, const CLI::ParseError& error) {
  const CLI::App& app = chosen_app(root);
  const std::vector<std::string> left = root.remaining(true);
  if (!left.empty()) return unexpected(app, left.front());
  const bool repeated = dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr &&
                        std::string_view(error.what()).find("At Most 1") != std::string_view::npos;
  const std::string_view name =
      std::string_view(error.what()).substr(0, std::string_view(error.what()).find(": "));
  if (repeated) return fmt::format("{} is given more than once (see {} --help)", name, command_words(app));
  return fmt::format("{} (see {} --help)", error.what(), command_words(app));
}

/// `--to "$TOPIC"` with a variable that nobody set would otherwise mean something else than was asked for.
void refuse_empty_values(const CLI::App& app) {
  constexpr std::array<std::string_view, 8> k_may_be_empty{"TEXT",   "KEY",        "BYTES",     "REGEX",
                                                           "FORMAT", "NAME=VALUE", "NAME=TEXT", "ID"};
  for (const CLI::Option* option : app.get_options()) {
    const std::string& type = option->get_type_name();
    const auto& given = option->results();
    const bool takes_any =
        option->get_positional() || option->get_expected_max() == 0 ||
        std::find(k_may_be_empty.begin(), k_may_be_empty.end(), type) != k_may_be_empty.end();
    if (takes_any || std::find(given.begin(), given.end(), "") == given.end()) continue;
    throw Error(ErrorCode::usage, fmt::format("{} is empty: give a {}, or leave it out (see {} --help)",
                                              option->get_name(), type, command_words(app)));
  }
  for (const CLI::App* chosen : app.get_subcommands()) refuse_empty_values(*chosen);
}

/// CLI11 would take what follows `--to=` for its value.
std::vector<std::string> with_empty_values(std::span<char* const> arguments) {
  std::vector<std::string> words;
  for (const std::string_view word : arguments) {
    const bool ends_empty = word.starts_with("--") && word.find('=') == word.size() - 1;
    words.emplace_back(word.substr(0, word.size() - (ends_empty ? 1 : 0)));
    if (ends_empty) words.emplace_back();
  }
  return words;
}

/// Readers of a pipe get lines that fit most terminals.
std::size_t help_width(Io& io) {
  constexpr std::size_t k_usual = 100;
  constexpr std::size_t k_least = 60;
  return std::clamp(io.out().terminal_width().value_or(k_usual), k_least, k_usual);
}

}  // namespace

std::optional<int> parse_arguments(CommandLine& line, std::span<char* const> arguments, Io& io) {
  CLI::App& root = line.root();
  try {
    const std::vector<std::string> words = with_empty_values(arguments);
    std::vector<const char*> pointers;
    for (const std::string& word : words) pointers.push_back(word.c_str());
    root.parse(static_cast<int>(pointers.size()), pointers.data());
  } catch (const CLI::CallForVersion& version) {
    io.out().write(std::string(version.what()) + "\n");
    return k_exit_done;
  } catch (const CLI::CallForHelp&) {
    io.out().write(help_text(chosen_app(root), HelpDetail::brief, help_width(io)));
    return k_exit_done;
  } catch (const CLI::CallForAllHelp&) {
    io.out().write(help_text(chosen_app(root), HelpDetail::whole, help_width(io)));
    return k_exit_done;
  } catch (const CLI::ParseError& error) {
    if (line.flags.asks_for_properties()) return std::nullopt;
    throw Error(ErrorCode::usage, explain(root, error));
  }
  refuse_empty_values(root);
  if (line.action) return std::nullopt;
  const CLI::App& app = chosen_app(root);
  if (line.flags.asks_for_properties()) return std::nullopt;
  io.out().write(help_text(app, HelpDetail::brief, help_width(io)));
  return k_exit_usage;
}

}  // namespace kbeat::app
