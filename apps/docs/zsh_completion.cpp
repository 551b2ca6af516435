// Writes the completion for zsh: one function a command, in the form that compinit loads.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "completion.hpp"

namespace kbeat::docs {
namespace {

/// Text inside single quotes and inside a spec of _arguments, where brackets and colons mean something.
std::string spec_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else if (c == '[' || c == ']' || c == ':' || c == '\\') {
      out += std::string("\\") + c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string action(const Flag& flag) {
  switch (flag.kind) {
    case ValueKind::choice: return fmt::format("({})", fmt::join(flag.choices, " "));
    case ValueKind::file: return "_files";
    case ValueKind::directory: return "_files -/";
    case ValueKind::topic: return "__kbeat_topic_names";
    case ValueKind::group: return "__kbeat_group_names";
    default: return " ";
  }
}

std::string value_spec(const Flag& flag) {
  return flag.kind == ValueKind::none ? "" : fmt::format(":{}:{}", spec_text(flag.value), action(flag));
}

std::string flag_specs(const Flag& flag) {
  std::string out;
  const std::string others = flag.repeated ? "*" : fmt::format("({})", fmt::join(flag.names, " "));
  for (const std::string& name : flag.names)
    out += fmt::format("    '{}{}[{}]{}'\n", others, name, spec_text(flag.help), value_spec(flag));
  return out;
}

std::string argument_spec(const Flag& argument) {
  return fmt::format("    '{}:{}:{}'\n", argument.repeated ? "*" : "", spec_text(argument.value),
                     action(argument));
}

/// The topics or groups of the cluster that the line or the settings choose, within a second.
constexpr const char* k_names = R"sh(__kbeat_names() {
  local -a chosen found line=(${(z)BUFFER})
  local i
  for ((i = 1; i < $#line; i++)); do
    case $line[i] in
      -b|--brokers|--bootstrap-server) chosen=(-b $line[i+1]) ;;
    esac
  done
  found=(${${${(f)"$(timeout -s KILL 1 $line[1] $1 list --output csv -q --timeout 800ms $chosen 2>/dev/null)"}[2,-1]}%%,*})
  compadd -a found
}

__kbeat_topic_names() { __kbeat_names topics }

__kbeat_group_names() { __kbeat_names groups }

)sh";

std::string function_name(const Command& command) {
  std::string name = command.words.empty() ? "_kbeat" : "_kbeat_" + command.words;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

std::string branch_body(const Command& command) {
  std::string names, cases;
  for (const Command& below : command.commands) {
    names += fmt::format("        '{}:{}'\n", below.name, spec_text(below.summary));
    cases += fmt::format("        {}) {} ;;\n", below.name, function_name(below));
  }
  return fmt::format(R"(  _arguments -C -S : $specs ': :->command' '*:: :->rest'
  case $state in
    command)
      local -a commands=(
{}      )
      _describe -t commands command commands ;;
    rest)
      case $words[1] in
{}      esac ;;
  esac
)",
                     names, cases);
}

std::string function(const Command& command) {
  std::string specs;
  for (const Flag& flag : command.flags) specs += flag_specs(flag);
  if (command.commands.empty()) {
    for (const Flag& argument : command.arguments) specs += argument_spec(argument);
  }
  const std::string shared = command.words.empty() ? "" : "    $kbeat_shared\n";
  const std::string keep = command.words.empty() ? "  local -a kbeat_shared=($specs)\n" : "";
  return fmt::format(
      "{}() {{\n  local curcontext=$curcontext state state_descr line ret=1\n  typeset -A opt_args\n"
      "  local -a specs=(\n{}{}  )\n{}{}}}\n\n",
      function_name(command), specs, shared, keep,
      command.commands.empty() ? "  _arguments -S : $specs\n" : branch_body(command));
}

}  // namespace

std::string zsh_completion(const Command& root) {
  std::string out =
      "#compdef kbeat\n# Completion of kbeat for zsh, written by kbeat_docs from the program's own "
      "flags.\n\n";
  out += k_names;
  for (const Command* command : flatten(root)) out += function(*command);
  return out + "_kbeat \"$@\"\n";
}

}  // namespace kbeat::docs
