// Writes man pages and completions: kbeat_docs TEXTS OUT reads TEXTS/*.mdoc (NAME.7.mdoc: a page of
// section 7), writes OUT/man and OUT/completions.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "command.hpp"
#include "command_tree.hpp"
#include "commands.hpp"
#include "completion.hpp"
#include "kbeat/base/error.hpp"
#include "man_page.hpp"

namespace {

namespace fs = std::filesystem;
using namespace kbeat;

std::string read_text(const fs::path& file) {
  std::ifstream in(file);
  if (!in)
    throw Error(ErrorCode::not_found,
                fmt::format("{} is missing: write what the page has to say", file.string()));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_text(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::trunc);
  if (!(out << text << std::flush))
    throw Error(ErrorCode::io, fmt::format("{} cannot be written", file.string()));
}

void write_docs(const docs::Command& root, const fs::path& texts, const fs::path& out) {
  write_text(out / "man/kbeat.1", docs::program_page(root, read_text(texts / "kbeat.mdoc")));
  for (const docs::Command& command : root.commands) {
    const std::string page = "kbeat-" + command.name;
    write_text(out / "man" / (page + ".1"), docs::command_page(command, read_text(texts / (page + ".mdoc"))));
  }
  for (const auto& entry : fs::directory_iterator(texts)) {
    const fs::path name = entry.path().stem();  // NAME.7 of NAME.7.mdoc
    const std::string section = name.extension().string();
    if (section != ".5" && section != ".7") continue;
    const std::string text = read_text(entry.path());
    write_text(out / "man" / name, docs::topic_page(name.stem().string(), section.back() - '0', text));
  }
  write_text(out / "completions/kbeat.bash", docs::bash_completion(root));
  write_text(out / "completions/_kbeat", docs::zsh_completion(root));
  write_text(out / "completions/kbeat.fish", docs::fish_completion(root));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: kbeat_docs TEXTS OUT\n");
    return 2;
  }
  try {
    app::CommandLine line;
    app::add_commands(line);
    write_docs(docs::read_tree(line.root()), argv[1], argv[2]);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "kbeat_docs: {}\n", error.what());
    return 1;
  }
}
