// The topics that consuming reads, and those that it writes to.
#pragma once

#include "kbeat/pipeline/consume_options.hpp"
#include "kbeat/pipeline/relay.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::pipeline {

/// The topics that are read; a run to the end needs one at least that is there (Error{not_found}).
void prepare_input_topics(transport::Transport& transport, const ConsumeOptions& options);

/// Makes the topics of dead letters, their states and the results, where they are missing and the loop may.
/// One that cannot be made is a warning: what is owed to it waits in the store, and the relay tries again.
/// Throws Error{not_found} for a topic of the user's to forward to that Kafka does not have.
void prepare_output_topics(transport::Transport& transport, const ConsumeOptions& options);

/// Of a loop's own relay, which makes topics of the house that are missing when the loop may.
[[nodiscard]] RelayOptions relay_options(transport::Transport& transport, const ConsumeOptions& options,
                                         const std::string& owner);

}  // namespace kbeat::pipeline
