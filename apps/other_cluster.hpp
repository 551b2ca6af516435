// `--to-brokers`: a second cluster, reached with the settings of the first.
#pragma once

#include <memory>
#include <string>

#include "command.hpp"

namespace kbeat::app {

/// `brokers` is HOST:PORT,…; everything but them is as the settings have it.
[[nodiscard]] std::unique_ptr<transport::Transport> open_other_cluster(const Context& context,
                                                                       const std::string& brokers);

}  // namespace kbeat::app
