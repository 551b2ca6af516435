// The flags that say where printing begins and ends, and in which order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "command.hpp"
#include "print_records.hpp"

namespace kbeat::app {

/// As they were given.
struct PrintLimits {
  std::vector<std::string> offsets;  ///< -o
  std::string since;
  std::string until;
  std::string partitions;  ///< `0,2-4`
  std::optional<std::uint64_t> count;
  std::optional<std::uint64_t> tail;
  std::string order = "offset";
  bool exit_at_end = false;
  bool follow = false;
  std::string idle_exit;
  std::string max_time;
  std::string on_gap = "fail";
  int connect_attempts = 0;
};

/// Adds -o, --since, -c, -e, --idle-exit, --max-time, --on-gap and --connect-attempts.
void add_limit_flags(CLI::App& app, PrintLimits& limits);
/// Adds -p, --until, --tail, --order and --follow, which only printing has.
void add_selection_flags(CLI::App& app, PrintLimits& limits);

/// Fills the plan from the flags; `default_start` is for an -o that was not given. Throws Error{usage}.
void apply_limits(const PrintLimits& limits, const reading::Bound& default_start, WallTime now,
                  PrintPlan& plan);

}  // namespace kbeat::app
