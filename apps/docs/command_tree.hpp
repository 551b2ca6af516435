// The program's commands and flags as plain values, from which man pages and completions are written.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace kbeat::docs {

/// What may stand for a flag's value or an argument.
enum class ValueKind { none, text, choice, file, directory, topic, group };

struct Flag {
  std::vector<std::string> names;  ///< with their dashes, short ones first; empty for an argument
  ValueKind kind = ValueKind::none;
  std::string value;                 ///< what the value is called: FILE
  std::vector<std::string> choices;  ///< of ValueKind::choice
  std::string help;
  std::string group;
  bool repeated = false;
  bool required = false;
};

struct Command {
  std::string name;
  std::string words;  ///< all that choose it below the program's name: `config show`, empty for the root
  std::string summary;
  std::vector<std::string> examples;
  std::vector<Flag> flags;
  std::vector<Flag> arguments;
  std::vector<Command> commands;
};

/// Reads the tree; commands without a group are hidden and left out.
[[nodiscard]] Command read_tree(const CLI::App& root);

/// All commands of the tree in order, the root first; pointers into `root`.
[[nodiscard]] std::vector<const Command*> flatten(const Command& root);

/// The choices that a help text begins with, `auto, kafka or embedded`; nothing when it is another text.
[[nodiscard]] std::vector<std::string> choices_in(const std::string& help);

}  // namespace kbeat::docs
