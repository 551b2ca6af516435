// What was decided about dead letters: the compacted topic beside each DLQ, keyed by the letter's identity.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "kbeat/model/record.hpp"
#include "kbeat/pipeline/bounded_read.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::pipeline {

enum class LetterState { open, pending, retried, archived, discarded };

[[nodiscard]] std::string_view to_string(LetterState state);
/// Throws Error{usage} naming the five.
[[nodiscard]] LetterState parse_letter_state(std::string_view text);

/// `<dlq>-state`.
[[nodiscard]] TopicName state_topic(const TopicName& dlq);
/// Whether it is one of kbeat's own DLQs, or the states of one: others' records have no place there.
[[nodiscard]] bool keeps_letters(std::string_view topic);

/// Why and where a letter got its state.
struct StateNote {
  std::string reason;
  std::string host{};  ///< of an archived letter: who holds its body
};

/// The record that closes a letter: `{"state":…,"at":…,"reason":…}`, with `"host"` where there is one.
[[nodiscard]] Record state_record(const TopicName& dlq, const std::string& identity, LetterState state,
                                  WallTime at, const StateNote& note);

/// What a state record says, in views that are valid for the call; without them it is from elsewhere.
struct Decision {
  LetterState state = LetterState::open;
  std::string_view at{};  ///< RFC 3339
  std::string_view reason{};
};

using DecisionSink = std::function<void(std::string_view identity, const Decision& decision)>;

/// Hands the states of letters to `sink` in the order in which they were decided: the last of each counts,
/// and `open` takes a state back. Nothing while the topic does not exist. A record that is no state decides
/// nothing: the first one is logged, with their number. Returns where it ended.
Ends read_states(transport::Transport& transport, const TopicName& dlq, const BoundedReadOptions& options,
                 std::stop_token stop, const DecisionSink& sink);

}  // namespace kbeat::pipeline
