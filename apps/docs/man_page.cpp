// Lays out pages in the order that readers of man pages know.
#include "man_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "kbeat/config/setting_table.hpp"

namespace kbeat::docs {
namespace {

/// Of the release that the pages describe.
constexpr const char* k_date = "November 21, 2026";

/// A text line as mdoc takes it: backslashes doubled, no leading control character, typographic signs by
/// name.
std::string escaped(const std::string& text) {
  std::string out = !text.empty() && (text[0] == '.' || text[0] == '\'') ? "\\&" : "";
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  const auto replace = [&out](const std::string& from, const std::string& to) {
    for (std::size_t at = out.find(from); at != std::string::npos; at = out.find(from, at + to.size()))
      out.replace(at, from.size(), to);
  };
  replace("…", "...");
  return out;
}

/// A macro's argument that is one word whatever is in it.
std::string quoted(const std::string& text) {
  std::string out = escaped(text);
  for (std::size_t at = out.find('"'); at != std::string::npos; at = out.find('"', at + 4))
    out.replace(at, 1, "\\(dq");
  return "\"" + out + "\"";
}

std::string prologue(const std::string& title, const std::string& summary, int section = 1) {
  std::string upper = title;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c); });
  return fmt::format(
      ".\\\" Written by kbeat_docs from the program's own flags and man/text; change those.\n"
      ".Dd {}\n.Dt {} {}\n.Os\n.Sh NAME\n.Nm {}\n.Nd {}\n",
      k_date, upper, section, title, escaped(summary));
}

/// Help texts have no full stop, sentences of a page do.
std::string sentence(const std::string& text) {
  const bool ended = text.size() >= 3 && text.compare(text.size() - 3, 3, "…") == 0;
  return escaped(text) + (ended ? "\n" : ".\n");
}

std::string flag_item(const Flag& flag) {
  std::string item = ".It";
  for (const std::string& name : flag.names)
    item += (item.size() > 3 ? " , Fl " : " Fl ") + escaped(name.substr(1));
  if (flag.kind != ValueKind::none) item += " Ar " + quoted(flag.value);
  return item + "\n" + sentence(flag.help + (flag.repeated ? "; may be repeated" : ""));
}

std::string argument_item(const Flag& argument) {
  return ".It Ar " + quoted(argument.value) + "\n" + sentence(argument.help);
}

std::string items(const Command& command) {
  std::string list;
  for (const Flag& argument : command.arguments) list += argument_item(argument);
  for (const Flag& flag : command.flags) list += flag_item(flag);
  return list.empty() ? list : ".Bl -tag -width Ds\n" + list + ".El\n";
}

std::string synopsis_line(const Command& command) {
  std::string line = ".Nm kbeat";
  if (!command.words.empty()) line += "\n.Cm " + command.words;
  line += "\n.Op Ar flags\n";
  for (const Flag& argument : command.arguments) {
    const std::string more = argument.repeated ? " Ar ..." : "";
    line += fmt::format("{}{}{}\n", argument.required ? ".Ar " : ".Op Ar ", quoted(argument.value), more);
  }
  return line;
}

/// A group's examples stand again with its commands: each line once.
std::string examples(const Command& command) {
  std::string out;
  std::set<std::string> told;
  for (const Command* each : flatten(command)) {
    for (const std::string& line : each->examples) {
      if (told.insert(line).second) out += escaped(line) + "\n";
    }
  }
  return out.empty() ? "" : ".Sh EXAMPLES\n.Bd -literal\n" + out + ".Ed\n";
}

/// Splits hand-written text into the description and the sections after it.
std::pair<std::string, std::string> split_text(const std::string& text) {
  const std::size_t section = text.rfind(".Sh ", 0) == 0 ? 0 : text.find("\n.Sh ");
  if (section == std::string::npos) return {text, ""};
  const std::size_t at = section == 0 ? 0 : section + 1;
  return {text.substr(0, at), text.substr(at)};
}

std::string see_also(const Command& root) {
  std::vector<std::string> names;
  for (const Command& command : root.commands) names.push_back("kbeat-" + command.name);
  std::sort(names.begin(), names.end());
  return fmt::format(".Sh SEE ALSO\n.Xr {} 1\n", fmt::join(names, " 1 ,\n.Xr "));
}

/// Every setting with its form, its default and its variables.
std::string settings_list() {
  std::string list = ".Bl -tag -width Ds\n";
  for (const config::Setting& setting : config::setting_table()) {
    list += fmt::format(".It Cm {}\n", escaped(std::string(setting.name)));
    list += sentence(std::string(setting.form));
    if (!setting.default_text.empty())
      list += fmt::format("Default: {}.\n", escaped(std::string(setting.default_text)));
    for (const std::string_view variable : setting.variables) list += fmt::format(".Ev {}\n", variable);
  }
  return list + ".El\n";
}

/// Breaks a line of text before the word that makes it longer than 78 characters. A word that ends a sentence
/// ends no line within one, and none begins with what would be a macro.
void append_broken(std::string& out, std::string_view line) {
  constexpr std::size_t k_longest = 78;
  while (line.size() > k_longest) {
    std::size_t at = line.rfind(' ', k_longest);
    const auto is_bad = [&](std::size_t place) {
      const char before = line[place - 1];
      const char after = line[place + 1];
      return before == '.' || before == '!' || before == '?' || after == '.' || after == '\'' || after == ' ';
    };
    while (at != std::string_view::npos && at > 0 && is_bad(at)) at = line.rfind(' ', at - 1);
    if (at == std::string_view::npos || at == 0) break;
    out.append(line.substr(0, at)).append("\n");
    line.remove_prefix(at + 1);
  }
  out.append(line).append("\n");
}

/// The page in lines that man page tools do not complain of.
std::string with_short_lines(const std::string& page) {
  std::string out;
  bool literal = false;
  for (std::size_t at = 0; at < page.size();) {
    const std::size_t end = std::min(page.find('\n', at), page.size());
    const std::string_view line = std::string_view(page).substr(at, end - at);
    if (line.starts_with(".Bd -literal")) literal = true;
    if (line.starts_with(".Ed")) literal = false;
    if (literal || line.starts_with('.')) {
      out.append(line).append("\n");
    } else {
      append_broken(out, line);
    }
    at = end + 1;
  }
  return out;
}

/// Of the program itself: those of its commands stand in their pages.
std::string root_examples(const Command& root) {
  std::string out;
  for (const std::string& line : root.examples) out += escaped(line) + "\n";
  return out.empty() ? "" : ".Sh EXAMPLES\n.Bd -literal\n" + out + ".Ed\n";
}

}  // namespace

std::string program_page(const Command& root, const std::string& text) {
  const auto [description, sections] = split_text(text);
  std::string page = prologue("kbeat", root.summary);
  page += ".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar flags\n.Op Ar arguments\n.Sh DESCRIPTION\n" + description;
  page += ".Pp\nThe commands:\n.Bl -tag -width Ds\n";
  for (const Command& command : root.commands)
    page += fmt::format(".It Cm {}\n{}: see\n.Xr kbeat-{} 1 .\n", command.name, escaped(command.summary),
                        command.name);
  page += ".El\n.Pp\nThe flags that every command takes, before or after its name:\n" + items(root);
  return with_short_lines(page + sections + root_examples(root) + see_also(root));
}

std::string command_page(const Command& command, const std::string& text) {
  const auto [description, sections] = split_text(text);
  std::string page = prologue("kbeat-" + command.name, command.summary) + ".Sh SYNOPSIS\n";
  if (command.commands.empty()) page += synopsis_line(command);
  for (const Command& below : command.commands) page += synopsis_line(below);
  page += ".Sh DESCRIPTION\n" + description;
  const std::string flags = items(command);
  if (command.commands.empty() && !flags.empty()) page += ".Pp\nIts flags:\n" + flags;
  for (const Command& below : command.commands)
    page += fmt::format(".Ss kbeat {}\n{}{}", below.words, sentence(below.summary), items(below));
  page += ".Pp\nThe flags of every command and the exit codes stand in\n.Xr kbeat 1 .\n";
  return with_short_lines(page + examples(command) + sections + ".Sh SEE ALSO\n.Xr kbeat 1\n");
}

std::string topic_page(const std::string& name, int section, const std::string& text) {
  const std::size_t line_end = text.find('\n');
  std::string page =
      prologue(name, text.substr(0, line_end), section) + text.substr(std::min(text.size(), line_end + 1));
  constexpr std::string_view k_place = "@SETTINGS@\n";
  const std::size_t place = page.find(k_place);
  if (place != std::string::npos) page.replace(place, k_place.size(), settings_list());
  return with_short_lines(page);
}

}  // namespace kbeat::docs
