// `kbeat stream`: records as they come, printed to stdout or served to live clients.
#pragma once

#include <string>
#include <vector>

#include "command.hpp"
#include "kbeat/filter/filter.hpp"
#include "listen_flags.hpp"
#include "print_limits.hpp"

namespace kbeat::app {

struct StreamOptions {
  std::vector<std::string> topics;
  std::vector<std::string> more_topics;  ///< -t
  std::string group;
  PrintLimits limits;
  PrintOptions form;
  filter::Wanted wanted;
  ListenFlags listen;  ///< with an address: to clients instead of stdout
};

void add_stream(CommandLine& line);
[[nodiscard]] int run_stream(const StreamOptions& options, Context& context);

}  // namespace kbeat::app
