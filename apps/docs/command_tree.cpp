// Walks CLI11's tree and takes over what a reader sees of it.
#include "command_tree.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <sstream>

namespace kbeat::docs {
namespace {

ValueKind kind_of(const std::string& value, const std::vector<std::string>& choices) {
  if (value == "FILE" || value == "AUDIO") return ValueKind::file;
  if (value == "DIR") return ValueKind::directory;
  if (value == "TOPIC" || value == "topic") return ValueKind::topic;
  if (value == "GROUP" || value == "group") return ValueKind::group;
  return choices.empty() ? ValueKind::text : ValueKind::choice;
}

std::vector<std::string> split(const std::string& list, const std::string& separator) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t to = std::min(list.find(separator, from), list.size());
    parts.push_back(list.substr(from, to - from));
    from = to + separator.size();
  }
  return parts;
}

std::vector<std::string> checked_choices(const std::string& type) {
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}', open);
  if (open == std::string::npos || close == std::string::npos) return {};
  return split(type.substr(open + 1, close - open - 1), ",");
}

Flag read_flag(const CLI::Option& option) {
  Flag flag;
  for (const std::string& name : option.get_snames()) flag.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) flag.names.push_back("--" + name);
  flag.help = option.get_description();
  flag.group = option.get_group();
  flag.repeated = option.get_items_expected_max() > 1;
  flag.required = option.get_required();
  if (option.get_items_expected_max() == 0) return flag;
  // CLI11 appends what is checked to a type's name: `TEXT:{fail,skip}`, `UINT:INT in [1 - 256]`.
  const std::string type = option.get_type_name();
  const std::string bare = type.substr(0, type.find(':'));
  flag.value = option.get_positional() ? option.get_name(true) : bare;
  flag.choices = checked_choices(type);
  if (flag.choices.empty()) flag.choices = choices_in(flag.help);
  flag.kind = kind_of(option.get_positional() && bare == "TEXT" ? flag.value : bare, flag.choices);
  return flag;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

Command read_command(const CLI::App& app, const std::string& words) {
  Command command{app.get_name(), words, app.get_description(), lines_of(app.get_footer()), {}, {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    // Help stands once, with the program: every command has it.
    const bool again =
        app.get_parent() != nullptr && (option == app.get_help_ptr() || option == app.get_help_all_ptr());
    if (again || option->get_group().empty()) continue;
    (option->nonpositional() ? command.flags : command.arguments).push_back(read_flag(*option));
  }
  for (const CLI::App* sub : app.get_subcommands({})) {
    if (sub->get_group().empty()) continue;
    command.commands.push_back(
        read_command(*sub, words.empty() ? sub->get_name() : words + " " + sub->get_name()));
  }
  return command;
}

bool is_word(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace

Command read_tree(const CLI::App& root) {
  return read_command(root, "");
}

std::vector<const Command*> flatten(const Command& root) {
  std::vector<const Command*> all{&root};
  for (const Command& command : root.commands) {
    const auto below = flatten(command);
    all.insert(all.end(), below.begin(), below.end());
  }
  return all;
}

std::vector<std::string> choices_in(const std::string& help) {
  std::string list = help.substr(0, help.find_first_of("(:;"));
  while (!list.empty() && list.back() == ' ') list.pop_back();
  const std::size_t last = list.rfind(" or ");
  if (last == std::string::npos) return {};
  list.replace(last, 4, ", ");
  const std::vector<std::string> choices = split(list, ", ");
  return std::all_of(choices.begin(), choices.end(), is_word) ? choices : std::vector<std::string>{};
}

}  // namespace kbeat::docs
