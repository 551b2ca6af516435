// Retries of dead letters that go on by themselves beside consumers.
#pragma once

#include <memory>
#include <vector>

#include "command.hpp"
#include "kbeat/dlq/auto_retry.hpp"
#include "kbeat/pipeline/consume_options.hpp"

namespace kbeat::app {

/// One for each DLQ that the topics of `options` have; each owns a thread. Transport and context outlive
/// them.
[[nodiscard]] std::vector<std::unique_ptr<dlq::AutoRetry>> start_auto_retries(
    transport::Transport& transport, const pipeline::ConsumeOptions& options, const Context& context);

}  // namespace kbeat::app
