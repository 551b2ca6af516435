// Help texts that fit a screen: what the command is, examples, then its flags.
#pragma once

#include <cstddef>
#include <string>

namespace CLI {
class App;
}

namespace kbeat::app {

/// `brief`: flags beyond a command's main ones are only named when there are too many for a screen.
enum class HelpDetail { brief, whole };

/// The text of `--help` or `--help-all` for the program or one of its commands, in lines of at most `width`
/// characters as far as words allow it.
[[nodiscard]] std::string help_text(const CLI::App& app, HelpDetail detail, std::size_t width);

/// The words that choose `app`: `kbeat topics list`.
[[nodiscard]] std::string command_words(const CLI::App& app);

}  // namespace kbeat::app
