// Lays out a command's help from its tree of flags.
#include "help.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

namespace kbeat::app {
namespace {

using HelpRow = std::pair<std::string, std::string>;

/// Left column at most this wide; a longer entry pushes its text to the right.
constexpr std::size_t k_widest = 32;
/// Lines of a help that still fits a screen.
constexpr std::ptrdiff_t k_screen = 45;
/// The group of CLI11 that flags without one of their own are in: a command's main ones.
constexpr std::string_view k_main_group = "Options";

/// `text` behind `out`'s last line, broken at spaces; further lines begin `indent` to the right.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent, std::size_t width) {
  std::size_t used = out.size() - (out.rfind('\n') + 1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const bool begins = used == indent || used == 0;
    if (!begins && used + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      used = indent;
    } else if (!begins && out.back() != ' ') {
      out += ' ';
      ++used;
    }
    out += word;
    used += word.size();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out += '\n';
}

void append_rows(std::string& out, const std::string& title, const std::vector<HelpRow>& rows,
                 std::size_t width) {
  if (rows.empty()) return;
  std::size_t left_width = 0;
  for (const HelpRow& row : rows) left_width = std::max(left_width, std::min(row.first.size(), k_widest));
  out += "\n" + title + ":\n";
  for (const auto& [left, right] : rows) {
    out += fmt::format("  {:<{}}  ", left, left_width);
    append_wrapped(out, right, left_width + 4, width);
  }
}

/// Only the names of a group's flags.
void append_names(std::string& out, const CLI::App& app, const std::string& group, std::size_t width) {
  std::string names;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->nonpositional() || option->get_group() != group) continue;
    const auto& longs = option->get_lnames();
    const auto& shorts = option->get_snames();
    const std::string name = longs.empty() ? "-" + shorts.front() : "--" + longs.front();
    names += names.empty() ? name : ", " + name;
  }
  if (names.empty()) return;
  out += group + ": ";
  append_wrapped(out, names, 2, width);
}

/// What stands for a flag's value: CLI11 puts the condition on it behind a colon.
std::string value_name(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::string name = type.substr(0, type.find(':'));
  if (name == "TEXT") return "WORD";
  return name == "UINT" || name == "INT" || name == "FLOAT" ? "N" : name;
}

std::string flag_names(const CLI::Option& option) {
  std::string names;
  for (const std::string& name : option.get_snames()) names += (names.empty() ? "-" : ", -") + name;
  for (const std::string& name : option.get_lnames()) names += (names.empty() ? "--" : ", --") + name;
  if (option.get_items_expected_max() > 0 && !option.get_type_name().empty())
    names += " " + value_name(option);
  return names;
}

std::vector<HelpRow> flags_of(const CLI::App& app, const std::string& group) {
  std::vector<HelpRow> rows;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->nonpositional() || option->get_group() != group) continue;
    rows.emplace_back(flag_names(*option), option->get_description());
  }
  return rows;
}

std::string usage_line(const CLI::App& app) {
  std::string line = "Usage: " + command_words(app);
  if (!app.get_subcommands({}).empty()) return line + " COMMAND [FLAGS]\n";
  line += " [FLAGS]";
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) continue;
    const std::string more = option->get_items_expected_max() > 1 ? "…" : "";
    const std::string& name = option->get_name(true);
    line += option->get_required() ? fmt::format(" {}{}", name, more) : fmt::format(" [{}{}]", name, more);
  }
  return line + "\n";
}

void append_examples(std::string& out, const std::string& examples) {
  if (examples.empty()) return;
  out += "\nExamples:\n";
  std::istringstream lines(examples);
  for (std::string line; std::getline(lines, line);) out += "  " + line + "\n";
}

std::vector<HelpRow> commands_of(const CLI::App& app) {
  std::vector<HelpRow> rows;
  for (const CLI::App* command : app.get_subcommands({})) {
    if (!command->get_group().empty()) rows.emplace_back(command->get_name(), command->get_description());
  }
  return rows;
}

}  // namespace

std::string command_words(const CLI::App& app) {
  return app.get_parent() == nullptr ? "kbeat" : command_words(*app.get_parent()) + " " + app.get_name();
}

std::string help_text(const CLI::App& app, HelpDetail detail, std::size_t width) {
  const bool is_root = app.get_parent() == nullptr;
  std::string out = command_words(app) + ": " + app.get_description() + "\n";
  append_examples(out, app.get_footer());
  out += "\n" + usage_line(app);
  append_rows(out, "Commands", commands_of(app), width);
  append_rows(out, std::string(k_main_group), flags_of(app, std::string(k_main_group)), width);
  const std::string main = out;
  std::vector<std::string> groups = app.get_groups();
  std::erase_if(groups, [](const std::string& group) { return group.empty() || group == k_main_group; });
  std::sort(groups.begin(), groups.end());
  for (const std::string& group : groups) append_rows(out, group, flags_of(app, group), width);
  if (detail == HelpDetail::brief && !is_root && std::count(out.begin(), out.end(), '\n') > k_screen) {
    out = main + "\n";
    for (const std::string& group : groups) append_names(out, app, group, width);
    out += fmt::format("\nWhat these do: {} --help-all\n", command_words(app));
  } else {
    out += is_root ? "" : "\n";
  }
  if (!is_root) out += "Flags of every command (-b, -X, --config, --data-dir, -q, -v …): kbeat --help\n";
  return out;
}

}  // namespace kbeat::app
