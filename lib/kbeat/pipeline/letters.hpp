// Makes a dead letter of a record that failed for good.
#pragma once

#include <optional>
#include <vector>

#include "kbeat/model/dead_letter.hpp"
#include "kbeat/pipeline/work.hpp"
#include "kbeat/store/positions.hpp"

namespace kbeat::pipeline {

/// The topic for dead letters of `topic`: `chosen` when set, analytics-dlq for beats-, metrics- and
/// analytics-events, else dead.letter.queue.
[[nodiscard]] TopicName dlq_topic_for(std::string_view topic, const std::optional<TopicName>& chosen);

/// Where dead letters go, and in which form.
struct LetterOptions {
  std::optional<TopicName> topic;  ///< nothing: as `dlq_topic_for` has it
  LetterFormat format = LetterFormat::kbeat;
  std::optional<Milliseconds> retention{};  ///< of a topic that is made for them; nothing: no time limit
};

/// All topics that letters may go to, and those of what is decided about them.
[[nodiscard]] std::vector<TopicName> letter_topics(const LetterOptions& options);

/// `reject` says why. A record that a retry of dead letters produced keeps its root and counts one replay
/// more.
[[nodiscard]] DeadLetter make_letter(const Work& work, const Reject& reject, const store::Scope& scope,
                                     const LetterOptions& options, WallTime now);

}  // namespace kbeat::pipeline
