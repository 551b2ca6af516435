// `kbeat consume`: events from topics through handlers into the store.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "command.hpp"
#include "kbeat/filter/filter.hpp"
#include "print_limits.hpp"
#include "route_flags.hpp"

namespace kbeat::app {

/// What the flags say that is no setting.
struct ConsumeFlags {
  std::vector<std::string> topics;
  std::vector<std::string> more_topics;  ///< -t
  PrintLimits limits;                    ///< handlers take only some of them
  std::string as_topic;
  std::uint64_t workers = 1;
  std::string dlq_topic;
  std::string dlq_format = "kbeat";
  bool no_dlq = false;
  bool auto_retry = false;
  std::string dlq_retention;
  bool no_create = false;
  bool strict = false;
  std::string drain_timeout = "30s";
  std::string handler_timeout = "5m";
  RouteFlags routes;
  bool print = false;  ///< only print records; `form` counts then
  PrintOptions form;
  filter::Wanted wanted;
  std::vector<std::string> handler_flags;  ///< those given that mean nothing to printing
  std::vector<std::string> print_flags;    ///< those given that mean nothing to handlers
};

void add_consume(CommandLine& line);
[[nodiscard]] int run_consume(const ConsumeFlags& flags, Context& context);

}  // namespace kbeat::app
