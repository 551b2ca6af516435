// `kbeat groups`: who reads what, how far behind, and moving a group's positions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "command.hpp"

namespace kbeat::app {

struct GroupsOptions {
  std::vector<std::string> groups;
  std::string group;  ///< of reset
  std::string output;
  std::vector<std::string> topics;  ///< of reset
  std::string to;                   ///< earliest, latest, an offset or a time
  std::optional<std::int64_t> shift;
  bool dry_run = false;
  bool yes = false;
};

void add_groups(CommandLine& line);
[[nodiscard]] int run_groups_list(const GroupsOptions& options, Context& context);
[[nodiscard]] int run_groups_describe(const GroupsOptions& options, Context& context);
[[nodiscard]] int run_groups_lag(const GroupsOptions& options, Context& context);
[[nodiscard]] int run_groups_reset(const GroupsOptions& options, Context& context);

}  // namespace kbeat::app
