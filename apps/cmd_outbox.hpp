// `kbeat outbox`: records that wait in the store for Kafka.
#pragma once

#include <string>

#include "command.hpp"

namespace kbeat::app {

struct OutboxOptions {
  std::string output;
  bool parked = false;  ///< flush sends parked rows again too
};

void add_outbox(CommandLine& line);
[[nodiscard]] int run_outbox_list(const OutboxOptions& options, Context& context);
[[nodiscard]] int run_outbox_flush(const OutboxOptions& options, Context& context);

}  // namespace kbeat::app
