// `kbeat replay`: records sent again, printed again or handled again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "command.hpp"
#include "kbeat/filter/filter.hpp"
#include "kbeat/replay/replay_cursor.hpp"
#include "record_printer.hpp"

namespace kbeat::app {

struct ReplayFlags {
  std::vector<std::string> topics;
  std::vector<std::string> more_topics;  ///< -t
  std::string file;
  bool archive = false;
  std::string on_error = "stop";
  std::string dlq_topic;  ///< for bad lines; empty: that of the target

  std::string partitions;
  std::vector<std::string> offsets;
  std::string since;
  std::string until;
  std::optional<std::uint64_t> count;
  filter::Wanted wanted;
  std::string order = "offset";
  std::string on_gap = "fail";
  std::string plan_file;
  replay::Cursor plan;       ///< of the plan file; empty: none
  std::string plan_cluster;  ///< that it was made for

  std::string to;
  std::string to_brokers;
  std::string partition = "keep";
  std::string stamp = "keep";
  bool handle = false;
  bool force = false;
  std::string resume;
  std::string speed = "max";
  double per_second = 0;
  bool dry_run = false;
  std::string output;
  PrintOptions form;
};

void add_replay(CommandLine& line);
[[nodiscard]] int run_replay(const ReplayFlags& flags, Context& context);

}  // namespace kbeat::app
