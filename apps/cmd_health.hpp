// `kbeat health`: how the whole of it is, for people, probes and monitoring systems.
#pragma once

#include <string>

#include "command.hpp"

namespace kbeat::app {

struct HealthOptions {
  bool live = false;
  bool ready = false;
  bool deep = false;
  bool nagios = false;
  bool watch = false;
  std::string interval = "2s";
  std::string output;
  std::string url;  ///< of a server; empty: this host
};

void add_health(CommandLine& line);
/// Prints one report, or one after the other with --watch; 0 when nothing is critical, otherwise 1 (with
/// --nagios that ecosystem's codes).
[[nodiscard]] int run_health(const HealthOptions& options, Context& context);

}  // namespace kbeat::app
