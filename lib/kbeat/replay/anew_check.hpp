// Whether the topics of a checkpoint are still those that it was made of.
#pragma once

#include <set>

#include "kbeat/replay/replay_cursor.hpp"
#include "kbeat/replay/topic_source.hpp"

namespace kbeat::replay {

/// Reads again what `cursor` has marks of. A record that retention or compaction took meanwhile says nothing;
/// another one in its place, or a log that ends before it, means that the topic was made anew:
/// Error{data_gap}, or with OnGap::skip a warning and the topic's name in the answer.
[[nodiscard]] std::set<TopicName> find_made_anew(transport::Transport& transport, const Cursor& cursor,
                                                 OnGap on_gap, Milliseconds timeout);

}  // namespace kbeat::replay
