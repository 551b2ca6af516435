// `kbeat topics`: what topics there are, how they are made up, making and deleting them.
#pragma once

#include <string>
#include <vector>

#include "command.hpp"

namespace kbeat::app {

struct TopicsOptions {
  std::vector<std::string> topics;
  std::string output;
  std::string file;  ///< of apply; empty: the topics that kbeat knows
  int partitions = 1;
  int replication = -1;             ///< -1: the broker's default
  std::vector<std::string> config;  ///< NAME=VALUE
  bool show_config = false;
  bool if_missing = false;
  bool dry_run = false;
  bool yes = false;
};

void add_topics(CommandLine& line);
[[nodiscard]] int run_topics_list(const TopicsOptions& options, Context& context);
[[nodiscard]] int run_topics_describe(const TopicsOptions& options, Context& context);
[[nodiscard]] int run_topics_create(const TopicsOptions& options, Context& context);
[[nodiscard]] int run_topics_delete(const TopicsOptions& options, Context& context);

}  // namespace kbeat::app
