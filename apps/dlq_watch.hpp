// `kbeat dlq watch`: tells when dead letters come.
#pragma once

#include <cstdint>
#include <string>

#include "command.hpp"

namespace kbeat::app {

struct DlqWatchFlags {
  std::string dlq_topic;
  std::string interval = "5s";
  std::uint64_t above = 0;
  bool exit_on_growth = false;
  std::string program;
  std::string max_time;
};

[[nodiscard]] int run_dlq_watch(const DlqWatchFlags& flags, Context& context);

}  // namespace kbeat::app
