// Reads single records again at given places, beside whatever a group does.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "kbeat/transport/transport.hpp"

namespace kbeat::pipeline {

/// The record at exactly each position's offset, in the order asked for; nothing where there is none
/// (compacted, a control record, out of the log). Throws Error{timed_out} when the transport is silent.
[[nodiscard]] std::vector<std::optional<Record>> read_records_at(transport::Transport& transport,
                                                                 std::span<const Position> places,
                                                                 Milliseconds timeout);

}  // namespace kbeat::pipeline
