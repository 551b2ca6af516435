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

using Row = std::pair<std::string, std::string>;

/// Left column at most this wide; a longer entry pushes its text to the right.
constexpr std::size_t k_widest = 32;

void append_rows(std::string& out, const std::string& title, const std::vector<Row>& rows) {
  if (rows.empty()) return;
  std::size_t width = 0;
  for (const Row& row : rows) width = std::max(width, std::min(row.first.size(), k_widest));
  out += "\n" + title + ":\n";
  for (const auto& [left, right] : rows) out += fmt::format("  {:<{}}  {}\n", left, width, right);
}

std::string flag_names(const CLI::Option& option) {
  std::string names;
  for (const std::string& name : option.get_snames()) names += (names.empty() ? "-" : ", -") + name;
  for (const std::string& name : option.get_lnames()) names += (names.empty() ? "--" : ", --") + name;
  if (option.get_items_expected_max() > 0 && !option.get_type_name().empty())
    names += " " + option.get_type_name();
  return names;
}

std::vector<Row> flags_of(const CLI::App& app, const std::string& group) {
  std::vector<Row> rows;
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

std::vector<Row> commands_of(const CLI::App& app) {
  std::vector<Row> rows;
  for (const CLI::App* command : app.get_subcommands({})) {
    if (!command->get_group().empty()) rows.emplace_back(command->get_name(), command->get_description());
  }
  return rows;
}

}  // namespace

std::string command_words(const CLI::App& app) {
  return app.get_parent() == nullptr ? "kbeat" : command_words(*app.get_parent()) + " " + app.get_name();
}

std::string help_text(const CLI::App& app) {
  const bool is_root = app.get_parent() == nullptr;
  std::string out = command_words(app) + ": " + app.get_description() + "\n";
  append_examples(out, app.get_footer());
  out += "\n" + usage_line(app);
  append_rows(out, "Commands", commands_of(app));
  std::vector<std::string> groups = app.get_groups();
  std::sort(groups.begin(), groups.end());
  for (const std::string& group : groups) {
    if (!group.empty()) append_rows(out, group, flags_of(app, group));
  }
  if (!is_root) out += "\nFlags of every command (-b, -X, --config, --data-dir, -q, -v …): kbeat --help\n";
  return out;
}

}  // namespace kbeat::app
