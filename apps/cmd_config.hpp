// `kbeat config show`: every setting with its value and where that comes from.
#pragma once

#include "command.hpp"

namespace kbeat::app {

struct ConfigShowOptions {
  std::string output;
};

void add_config(CommandLine& line);
[[nodiscard]] int run_config_show(const ConfigShowOptions& options, Context& context);

}  // namespace kbeat::app
