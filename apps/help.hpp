// Help texts that fit a screen: what the command is, examples, then its flags.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace kbeat::app {

/// The whole text of `--help` for the program or one of its commands.
[[nodiscard]] std::string help_text(const CLI::App& app);

/// The words that choose `app`: `kbeat topics list`.
[[nodiscard]] std::string command_words(const CLI::App& app);

}  // namespace kbeat::app
