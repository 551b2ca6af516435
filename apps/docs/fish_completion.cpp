// Writes the completion for fish: one line a command and a flag.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "completion.hpp"

namespace kbeat::docs {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "'";
}

/// The test that exactly this command was chosen so far.
std::string condition(const Command& command) {
  return quoted(fmt::format("__kbeat_at {}", command.words));
}

std::string flag_line(const std::string& when, const Flag& flag) {
  std::string line = "complete -c kbeat" + when;
  for (const std::string& name : flag.names)
    line += name.rfind("--", 0) == 0 ? fmt::format(" -l {}", name.substr(2))
                                     : fmt::format(" -s {}", name.substr(1));
  switch (flag.kind) {
    case ValueKind::none: break;
    case ValueKind::text: line += " -x"; break;
    case ValueKind::choice: line += fmt::format(" -x -a '{}'", fmt::join(flag.choices, " ")); break;
    case ValueKind::file: line += " -r -F"; break;
    case ValueKind::topic: line += " -x -a '(__kbeat_names topics)'"; break;
    case ValueKind::group: line += " -x -a '(__kbeat_names groups)'"; break;
    case ValueKind::directory: line += " -x -a '(__fish_complete_directories)'"; break;
  }
  return line + " -d " + quoted(flag.help) + "\n";
}

std::string lines_of(const Command& root, const Command& command) {
  const bool is_root = &command == &root;
  std::string out;
  for (const Command& below : command.commands)
    out += fmt::format("complete -c kbeat -n {} -a {} -d {}\n", condition(command), below.name,
                       quoted(below.summary));
  const std::string when = is_root ? "" : fmt::format(" -n {}", condition(command));
  for (const Flag& flag : command.flags) out += flag_line(when, flag);
  for (const Flag& argument : command.arguments) {
    if (argument.kind == ValueKind::file)
      out += fmt::format("complete -c kbeat -n {} -F\n", condition(command));
    const bool topic = argument.kind == ValueKind::topic;
    if (topic || argument.kind == ValueKind::group) {
      out += fmt::format("complete -c kbeat -n {} -a '(__kbeat_names {})'\n", condition(command),
                         topic ? "topics" : "groups");
    }
  }
  return out;
}

std::string value_flags(const Command& root) {
  std::string names;
  for (const Command* command : flatten(root)) {
    for (const Flag& flag : command->flags) {
      if (flag.kind != ValueKind::none) names += fmt::format(" {}", fmt::join(flag.names, " "));
    }
  }
  return names;
}

}  // namespace

std::string fish_completion(const Command& root) {
  std::string paths;
  for (const Command* command : flatten(root)) {
    if (!command->words.empty()) paths += fmt::format(" {}", quoted(command->words));
  }
  std::string out =
      fmt::format(R"(# Completion of kbeat for fish, written by kbeat_docs from the program's own flags.

# True when the words typed so far, without flags and their values, choose exactly the command given.
function __kbeat_at
    set -l with_value{}
    set -l paths{}
    set -l command
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word $with_value
            set skip 1
        else if contains -- (string join ' ' $command $word) $paths
            set -a command $word
        end
    end
    test "$command" = "$argv"
end

# Prints the topics or groups of the cluster that the line or the settings choose, within a second.
function __kbeat_names
    set -l words (commandline -opc)
    set -l chosen
    for i in (seq 2 (count $words))
        if contains -- $words[$i] -b --brokers --bootstrap-server; and test $i -lt (count $words)
            set chosen -b $words[(math $i + 1)]
        end
    end
    timeout -s KILL 1 $words[1] $argv[1] list --output csv -q --timeout 800ms $chosen 2>/dev/null | tail -n +2 | string replace -r ',.*' ''
end

complete -c kbeat -f
)",
                  value_flags(root), paths);
  for (const Command* command : flatten(root)) out += lines_of(root, *command);
  return out;
}

}  // namespace kbeat::docs
