// Writes the completion for bash; it needs nothing but bash itself, and kbeat for names of topics and groups.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "completion.hpp"

namespace kbeat::docs {
namespace {

std::string flag_words(const Command& command) {
  std::string words;
  for (const Flag& flag : command.flags) words += fmt::format(" {}", fmt::join(flag.names, " "));
  return words.empty() ? words : words.substr(1);
}

std::string command_words(const Command& command) {
  std::string words;
  for (const Command& below : command.commands) words += (words.empty() ? "" : " ") + below.name;
  return words;
}

/// The shell pattern of a flag behind the command's words: `'config show:--output'`; flags of the root
/// anywhere.
std::string pattern(const Command& command, const Flag& flag) {
  std::string text;
  for (const std::string& name : flag.names) {
    const std::string prefix = command.words.empty() ? "*:" : "'" + command.words + "':";
    text += (text.empty() ? "" : " | ") + prefix + name;
  }
  return text;
}

std::string value_case(const Command& command, const Flag& flag) {
  std::string action;
  switch (flag.kind) {
    case ValueKind::none: return "";
    case ValueKind::choice:
      action = fmt::format("kind=words words='{}'", fmt::join(flag.choices, " "));
      break;
    case ValueKind::file: action = "kind=files"; break;
    case ValueKind::directory: action = "kind=directories"; break;
    case ValueKind::text: action = "kind=text"; break;
    case ValueKind::topic: action = "kind=topics"; break;
    case ValueKind::group: action = "kind=groups"; break;
  }
  return fmt::format("    {}) {} ;;\n", pattern(command, flag), action);
}

std::string argument_kind(const Command& command) {
  if (command.arguments.empty()) return "";
  switch (command.arguments.front().kind) {
    case ValueKind::file: return " kind=files";
    case ValueKind::topic: return " kind=topics";
    case ValueKind::group: return " kind=groups";
    default: return "";
  }
}

std::string words_case(const Command& root, const Command& command) {
  const std::string own = &command == &root ? "" : " " + flag_words(command);
  return fmt::format("    '{}') flags='{}{}' words='{}'{} ;;\n", command.words, flag_words(root), own,
                     command_words(command), argument_kind(command));
}

}  // namespace

std::string bash_completion(const Command& root) {
  std::string descend, values, words;
  for (const Command* command : flatten(root)) {
    for (const Command& below : command->commands)
      descend += fmt::format("      '{}:{}') command='{}' ;;\n", command->words, below.name, below.words);
    for (const Flag& flag : command->flags) values += value_case(*command, flag);
    words += words_case(root, *command);
  }
  return fmt::format(R"sh(# Completion of kbeat for bash, written by kbeat_docs from the program's own flags.

# Sets kind and words for the value of a flag; fails when the flag takes none.
_kbeat_value() {{
  case $1 in
{}    *) return 1 ;;
  esac
}}

# Prints the topics or groups of the cluster that the line or the settings choose, within a second.
_kbeat_names() {{
  local -a chosen=()
  if [[ ${{COMP_LINE-}} =~ \ (-b|--brokers|--bootstrap-server)[\ =]([^\ ]+) ]]; then chosen=(-b "${{BASH_REMATCH[2]}}"); fi
  timeout -s KILL 1 "${{COMP_WORDS[0]}}" "$1" list --output csv -q --timeout 800ms "${{chosen[@]}}" 2>/dev/null | while IFS=, read -r name _; do
    if [[ $name != topic && $name != group ]]; then printf '%s\n' "$name"; fi
  done
}}

_kbeat() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} command='' kind=words words='' flags='' word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${{COMP_WORDS[i]}}
    case $command:$word in
{}      *) if _kbeat_value "$command:$word"; then ((i++)); fi ;;
    esac
  done
  # A flag at the end of the line is still owed its value when the loop stepped past the word in hand.
  if ((i == COMP_CWORD)); then
    kind=words
    case $command in
{}    esac
    if [[ $current == -* ]]; then kind=words words=$flags; fi
  fi
  case $kind in
    words) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current") ;;
    files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    directories) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    topics | groups) mapfile -t COMPREPLY < <(compgen -W "$(_kbeat_names "$kind")" -- "$current") ;;
    text) COMPREPLY=() ;;
  esac
}}

complete -F _kbeat kbeat
)sh",
                     values, descend, words);
}

}  // namespace kbeat::docs
