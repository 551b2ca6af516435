// How far a command has come in a dead letter topic, drawn now and then.
#pragma once

#include <map>

#include "kbeat/dlq/seen_letter.hpp"
#include "kbeat/transport/transport.hpp"
#include "progress.hpp"

namespace kbeat::app {

struct Context;

/// Letters that are not asked about count as passed when a later one of their partition comes.
class LetterProgress {
 public:
  /// Asks where the topic's partitions begin and end, when somebody looks on.
  LetterProgress(Context& context, transport::Transport& transport, const TopicName& dlq,
                 Milliseconds timeout);

  void at(const dlq::SeenLetter& letter);

 private:
  struct Stretch {
    Offset begin;
    Offset end;
    Offset next;
  };
  [[nodiscard]] std::optional<double> share() const;

  Progress m_bar;
  std::map<Partition, Stretch> m_stretches;
  std::uint64_t m_letters = 0;
};

}  // namespace kbeat::app
